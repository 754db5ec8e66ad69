"""A bad set-up fails at the start, not on the first invoice."""

import stat

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from config import checks
from config.db.triggers import drop_triggers, install_triggers, missing_triggers
from config.env import env_bool, env_int, env_secret, env_text

# --- The environment -----------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False)])
def test_a_switch_is_read(monkeypatch, text, value):
    monkeypatch.setenv("SWITCH", text)
    assert env_bool("SWITCH", default=not value) is value


@pytest.mark.parametrize("text", ["ture", "2", "-", "None"])
def test_a_misspelt_switch_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("SWITCH", text)
    with pytest.raises(ImproperlyConfigured, match="SWITCH"):
        env_bool("SWITCH")


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "ten", "١٢"])
def test_a_number_below_its_least_or_none_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("NUMBER", text)
    with pytest.raises(ImproperlyConfigured, match="NUMBER"):
        env_int("NUMBER", 30, at_least=1)


def test_a_word_that_is_not_offered_stops_the_start(monkeypatch):
    monkeypatch.setenv("LEVEL", "LOUD")
    with pytest.raises(ImproperlyConfigured, match="LEVEL"):
        env_text("LEVEL", "INFO", choices=("INFO", "ERROR"))


def test_a_missing_secret_stops_the_start_and_says_what_to_do(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="NO_SUCH_SECRET_FILE"):
        env_secret("NO_SUCH_SECRET")


def test_a_secret_comes_from_its_file(monkeypatch, tmp_path):
    (tmp_path / "s").write_text("from the file\n")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "s"))
    assert env_secret("A_SECRET") == "from the file"


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path):
    first = env_secret("A_SECRET", generate_in=tmp_path)
    assert env_secret("A_SECRET", generate_in=tmp_path) == first
    assert len(first) >= 50
    [kept] = tmp_path.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


# --- System checks -------------------------------------------------------------------------------


def ids(found) -> list[str]:
    return [message.id for message in found]


def test_as_it_stands_nothing_is_wrong(db):
    call_command("check", "--database", "default", "--fail-level", "WARNING")


def test_atomic_requests_is_an_error(monkeypatch):
    monkeypatch.setitem(django_settings.DATABASES["default"], "ATOMIC_REQUESTS", True)
    assert "daftar.E001" in ids(checks.check_database_settings(None))


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite's settings")
@pytest.mark.parametrize(
    "change",
    [
        {"transaction_mode": "DEFERRED"},
        {"timeout": 5},
        {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"},
    ],
    ids=str,
)
def test_sqlite_without_what_the_protocol_stands_on_is_an_error(monkeypatch, change):
    options = django_settings.DATABASES["default"]["OPTIONS"] | change
    monkeypatch.setitem(django_settings.DATABASES["default"], "OPTIONS", options)
    assert ids(checks.check_database_settings(None)) == ["daftar.E002"]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite's settings")
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)],
)
def test_sqlite_really_runs_that_way(committed, pragma, value):
    with connection.cursor() as cursor:
        assert cursor.execute(f"PRAGMA {pragma}").fetchone() == (value,)


def test_a_missing_trigger_is_an_error_a_warning_while_migrating(committed, monkeypatch):
    drop_triggers()
    [error] = checks.check_triggers(None, databases=["default"])
    monkeypatch.setattr(checks, "migrating", True)
    [warning] = checks.check_triggers(None, databases=["default"])
    install_triggers()

    assert (error.id, error.level > warning.level) == ("daftar.E003", True)
    assert "invoice_logs_no_update" in error.msg
    assert checks.check_triggers(None, databases=["default"]) == []
    assert missing_triggers() == []


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ("PRODUCTION", "http://127.0.0.1:8001"),
        ("SIMULATION", "https://gw-fatoora.zatca.gov.sa/e-invoicing/core"),
        ("SANDBOX", "https://gw-fatoora.zatca.gov.sa/e-invoicing/core"),
        ("SANDBOX", "http://192.168.1.7:8001"),
        ("PRODUCTION", "https://gw-fatoora.zatca.gov.sa.example.com/e-invoicing/core"),
        ("PRODUCTION", "http://gw-fatoora.zatca.gov.sa/e-invoicing/core"),
    ],
)
def test_an_environment_cannot_send_to_anothers_address(settings, environment, url):
    settings.ZATCA_URLS = {**settings.ZATCA_URLS, environment: url}
    assert ids(checks.check_authority_addresses(None)) == ["daftar.E004"]


def test_the_sandbox_may_be_a_stand_in_on_loopback(settings):
    settings.ZATCA_URLS = {**settings.ZATCA_URLS, "SANDBOX": "http://127.0.0.1:8001"}
    assert checks.check_authority_addresses(None) == []


def test_a_call_cannot_outlive_its_claim(settings):
    settings.ZATCA_LEASE = 2 * settings.ZATCA_CALL_DEADLINE - 1
    assert ids(checks.check_authority_addresses(None)) == ["daftar.E005"]


def test_the_browsable_api_is_not_installed():
    renderers = django_settings.REST_FRAMEWORK["DEFAULT_RENDERER_CLASSES"]
    assert renderers == ["config.json.ExactJSONRenderer"]
