"""A filled database migrates, and every trigger is back afterwards (contracts 25)."""

import importlib
import pkgutil
import sqlite3
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

import invoicing.migrations
from config.db.triggers import missing_triggers, registered
from invoicing.models import Invoice
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability.processes import ended

SAME = """
from importlib import import_module

Migration = import_module("invoicing.migrations.{name}").Migration
"""
ALTERED = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("invoicing", "{leaf}")]
    operations = [
        migrations.AlterField("invoice", "buyer_name", models.CharField(max_length=900)),
        migrations.AlterField("invoicelog", "actor", models.CharField(max_length=140)),
    ]
"""


@pytest.fixture
def one_more_migration(tmp_path, monkeypatch, settings) -> str:
    """Our migrations and one that alters `invoices` and `invoice_logs`; its predecessor's name."""
    package = tmp_path / "altered_invoicing"
    package.mkdir()
    (package / "__init__.py").touch()
    names = sorted(module.name for module in pkgutil.iter_modules(invoicing.migrations.__path__))
    for name in names:
        (package / f"{name}.py").write_text(SAME.format(name=name))
    (package / "9999_altered.py").write_text(ALTERED.format(leaf=names[-1]))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    settings.MIGRATION_MODULES = {"invoicing": package.name}
    return names[-1]


def assert_triggers_bite() -> None:
    assert missing_triggers() == []
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM invoice_logs")


def test_a_filled_database_is_altered_and_its_triggers_are_back(shop, one_more_migration):
    assert shop.post(simplified()).status_code == 201
    before = Invoice.objects.values().get()

    call_command("migrate", "invoicing", "9999", verbosity=0)
    try:
        assert Invoice.objects.values().get() == before
        assert_triggers_bite()
        assert shop.post(simplified("S-2")).status_code == 201
    finally:
        call_command("migrate", "invoicing", one_more_migration, verbosity=0)

    assert_triggers_bite()
    assert not shop.report().violations


def test_migrations_run_forwards_backwards_and_forwards_again(workers, tmp_path):
    name = new_database(tmp_path)

    assert ended(workers.start(migrate_to_and_fro, name)) == 0


def new_database(folder: Path) -> str:
    if connection.vendor == "sqlite":
        path = folder / "fresh.sqlite3"
        sqlite3.connect(path).close()
        return str(path)
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS daftar_to_and_fro")
        cursor.execute("CREATE DATABASE daftar_to_and_fro")
    return "daftar_to_and_fro"


def migrate_to_and_fro(name: str) -> None:
    """In a process of its own, on an empty database."""
    connection.close()
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0)
    names = {trigger.name for trigger in registered()}
    assert names
    assert missing_triggers() == []
    call_command("migrate", "invoicing", "zero", verbosity=0)
    assert "invoices" not in connection.introspection.table_names()
    call_command("migrate", verbosity=0)
    assert missing_triggers() == []
    call_command("check", databases=["default"])
