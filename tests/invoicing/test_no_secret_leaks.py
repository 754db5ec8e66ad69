"""No private key, CSID secret or API key in logs, answers, admin pages, dumps or database files.

Logs and answers are watched during the whole run (`watch` in tests/conftest.py, which fails the run
at its end); here the watch is shown to be awake, and what is stored is searched.
"""

import io
import logging

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from invoicing.models import Chain
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.traces import URL
from tests.watch import Watch, forms_of

PEM = "-----BEGIN PRIVATE KEY-----\nMIGEAgEAMBAGByqGSM49\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def other_watch() -> Watch:
    """One of our own, so that what it must find does not fail the run."""
    return Watch()


@pytest.mark.parametrize(
    "line",
    [
        PEM,
        f"key dk_sb_{'a' * 8}_{'B' * 43} refused",
        "the ring is " + settings.KEY_RING,
        settings.JWT_SIGNING_KEY.encode().hex(),
    ],
)
def test_the_watch_sees_a_secret_in_a_log_line(other_watch, line):
    record = logging.makeLogRecord({"name": "invoicing", "msg": line})
    other_watch.emit(record)
    assert len(other_watch.found) >= 1


def test_the_watch_learns_what_is_sealed_and_sees_it_in_an_answer(other_watch):
    request = RequestFactory().get("/api/v1/invoices")
    other_watch.see(request, HttpResponse("the secret of the unit"))
    assert other_watch.found == []
    other_watch.learn("the secret of the unit")
    other_watch.see(request, HttpResponse("the secret of the unit"))
    assert other_watch.found == ["the se… in response GET /api/v1/invoices"]


def test_the_watch_is_kept_over_this_run(watch, api, unit, zatca):
    lines, answers = watch.looked_at["log line"], watch.looked_at["response"]
    api.post(URL, simplified())
    assert watch.looked_at["log line"] > lines
    assert watch.looked_at["response"] == answers + 1
    assert Chain.objects.get().secret() in watch.secrets


def told(api, zatca) -> set[str]:
    """Let a day happen, good and bad, and return every form of the unit's secrets."""
    zatca.control.script("S-1", delivery=1, fault="unauthorized")
    api.post(URL, simplified())
    api.post(URL, standard())
    chain = Chain.objects.get()
    return forms_of(chain.private_key()) | forms_of(chain.secret())


def test_a_dump_of_the_data_holds_no_secret(api, unit, zatca):
    forms = told(api, zatca)
    dump = io.StringIO()

    call_command("dumpdata", stdout=dump)

    text = dump.getvalue()
    assert "invoicing.chain" in text
    assert [form for form in forms if form in text] == []
    assert api.defaults["HTTP_X_API_KEY"] not in text


def test_the_database_itself_holds_no_secret(committed, api, unit, zatca):
    forms = told(api, zatca)

    stored = whole_database()

    assert b"S-1" in stored
    assert [form for form in forms if form.encode() in stored] == []
    assert api.defaults["HTTP_X_API_KEY"].encode() not in stored


def whole_database() -> bytes:
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open(name, "rb") as file:
            return file.read()
    rows: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows).encode()


def test_no_page_of_the_admin_shows_a_secret(api, unit, zatca, najd, client):
    forms = told(api, zatca)
    client.force_login(User.objects.create_superuser("root"))
    client.post("/admin/tenancy/tenant/switch/", {"tenant": najd.pk})

    for model in site._registry:
        options = model._meta
        pages = [f"/admin/{options.app_label}/{options.model_name}/"]
        pages += [f"{pages[0]}{row.pk}/change/" for row in model._default_manager.all()[:3]]
        for page in pages:
            text = client.get(page, follow=True).content.decode()
            assert [form for form in forms if form in text] == [], page
