"""System checks: a bad set-up fails at the start, not on the first invoice."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

# Set by our `migrate`: its own run of the database checks comes before the triggers are back.
migrating = False

SQLITE_NEEDS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON")
OFFICIAL_HOST = "gw-fatoora.zatca.gov.sa"
PATHS = {"SANDBOX": "/developer-portal", "SIMULATION": "/simulation", "PRODUCTION": "/core"}


def check_database_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The write protocol stands on these; see docs/adr/0001."""
    database = settings.DATABASES["default"]
    found: list[CheckMessage] = []
    if database.get("ATOMIC_REQUESTS"):
        found.append(
            Error(
                "ATOMIC_REQUESTS must be off: a FAILED row would roll back with its error.",
                id="daftar.E001",
            )
        )
    if connection.vendor == "sqlite":
        options = database.get("OPTIONS", {})
        command = options.get("init_command", "")
        missing = [need for need in SQLITE_NEEDS if need not in command]
        if options.get("transaction_mode") != "IMMEDIATE":
            missing.append("transaction_mode IMMEDIATE")
        if options.get("timeout", 5) < 20:
            missing.append("timeout >= 20")
        if missing:
            found.append(Error(f"SQLite is missing: {', '.join(missing)}.", id="daftar.E002"))
    return found


def check_triggers(
    app_configs: Any, databases: list[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Every trigger stands: an error, a warning during migrate, silent while migrations wait."""
    from config.db.triggers import missing_triggers

    if not databases or _migrations_wait():
        return []
    missing = missing_triggers()
    if not missing:
        return []
    kind = Warning if migrating else Error
    return [
        kind(
            f"The database lacks {len(missing)} triggers: {', '.join(missing)}.",
            hint="Run manage.py migrate with web and worker stopped.",
            id="daftar.E003",
        )
    ]


def _migrations_wait() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def check_authority_addresses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An environment sends to its own address; only the sandbox may be a stand-in on loopback."""
    found: list[CheckMessage] = []
    for environment, url in settings.ZATCA_URLS.items():
        address = urlsplit(url)
        official = address.scheme == "https" and address.hostname == OFFICIAL_HOST
        if official and address.path.rstrip("/").endswith(PATHS[environment]):
            continue
        loopback = address.hostname in {"127.0.0.1", "localhost", "::1"}
        if not (environment == "SANDBOX" and loopback):
            found.append(
                Error(
                    f"ZATCA_{environment}_URL is {url}, which is not the authority's address "
                    f"for {environment}.",
                    id="daftar.E004",
                )
            )
    if settings.ZATCA_LEASE < 2 * settings.ZATCA_CALL_DEADLINE:
        found.append(
            Error(
                "ZATCA_LEASE must be at least twice ZATCA_CALL_DEADLINE, so that no call outlives "
                "its claim.",
                id="daftar.E005",
            )
        )
    return found
