"""Whoever reaches the database with SQL of his own meets the triggers, on both engines."""

import pytest
from django.db import DatabaseError, connection, transaction

from config.db.triggers import drop_triggers, missing_triggers
from invoicing.models import Attempt, Chain, Invoice, InvoiceLog, Revision
from tests.invoicing.payloads import standard

ATTACKS = {
    # history
    "edit the log": "UPDATE invoice_logs SET actor = 'nobody'",
    "edit the log's hash": "UPDATE invoice_logs SET entry_hash = previous_hash",
    "delete the log": "DELETE FROM invoice_logs",
    "delete the log's tail": "DELETE FROM invoice_logs WHERE sequence = (SELECT max(sequence) "
    "FROM invoice_logs)",
    # sealed documents
    "change sealed bytes": "UPDATE invoice_revisions SET xml = payload_sha256",
    "erase sealed bytes": "UPDATE invoice_revisions SET xml = NULL, icv = NULL, chain_id = NULL",
    "change the ICV": "UPDATE invoice_revisions SET icv = icv + 100",
    "change the PIH": "UPDATE invoice_revisions SET pih = hash",
    "change the hash": "UPDATE invoice_revisions SET hash = pih",
    "change the QR code": "UPDATE invoice_revisions SET qr = 'another'",
    "change the verdict": "UPDATE invoice_revisions SET outcome = 'REJECTED'",
    "change the UUID": "UPDATE invoice_revisions SET uuid = "
    "'00000000000000000000000000000000' WHERE number = 1",
    "change the request": "UPDATE invoice_revisions SET payload = '{}'",
    "move a revision": "UPDATE invoice_revisions SET number = number + 10",
    "delete revisions": "DELETE FROM invoice_revisions",
    # the invoice
    "leave CLEARED": "UPDATE invoices SET status = 'FAILED'",
    "start again": "UPDATE invoices SET status = 'CREATED'",
    "swap the cleared document": "UPDATE invoices SET hash = 'x'",
    "swap the cleared XML": "UPDATE invoices SET xml_content = '<Invoice/>'",
    "erase the cleared XML": "UPDATE invoices SET xml_content = NULL",
    "another revision of a cleared invoice": "UPDATE invoices SET revision = revision + 1",
    "rename an invoice": "UPDATE invoices SET invoice_number = 'INV-2'",
    "give an invoice away": "UPDATE invoices SET tenant_id = tenant_id + 1",
    "call it a test": "UPDATE invoices SET environment = 'PRODUCTION'",
    "make a cleared invoice due": "UPDATE invoices SET next_attempt_at = created_at",
    "delete invoices": "DELETE FROM invoices",
    # attempts and chains
    "edit a closed attempt": "UPDATE invoice_attempts SET http_status = 200, reached = 'NO'",
    "delete attempts": "DELETE FROM invoice_attempts",
    "skip an ICV": "UPDATE chains SET last_icv = last_icv + 2",
    "take an ICV back": "UPDATE chains SET last_icv = last_icv - 1",
    "start the chain again": "UPDATE chains SET last_icv = 0",
    "delete chains": "DELETE FROM chains",
}
SQLITE_ONLY = {
    "replace the log": "INSERT OR REPLACE INTO invoice_logs SELECT * FROM invoice_logs",
    "replace a document": "INSERT OR REPLACE INTO invoice_revisions SELECT * "
    "FROM invoice_revisions",
    "replace an invoice": "INSERT OR REPLACE INTO invoices SELECT * FROM invoices",
    "update or ignore the log": "UPDATE OR REPLACE invoice_logs SET actor = 'nobody'",
}
POSTGRESQL_ONLY = {
    "truncate the log": "TRUNCATE invoice_logs",
    "truncate everything": "TRUNCATE invoices CASCADE",
    "as a replica": "SET LOCAL session_replication_role = replica; DELETE FROM invoice_logs",
    "merge into the log": "INSERT INTO invoice_logs SELECT * FROM invoice_logs ON CONFLICT (id) "
    "DO UPDATE SET actor = 'nobody'",
}
MODELS = (Invoice, Revision, Attempt, InvoiceLog, Chain)


def stored() -> list[list[tuple]]:
    return [list(model.objects.order_by("pk").values_list()) for model in MODELS]


@pytest.fixture
def cleared(unit, api, zatca):
    """A rejected document, its cleared correction, and what the database holds of both."""
    zatca.control.script("INV-1", delivery=1, fault="reject")
    api.post("/api/v1/invoices", standard())
    response = api.post("/api/v1/invoices", standard(payment_means={"code": "30"}))
    assert response.json()["status"] == "CLEARED"
    return stored()


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


def test_every_attack_is_refused_and_changes_nothing(cleared):
    of_this_engine = SQLITE_ONLY if connection.vendor == "sqlite" else POSTGRESQL_ONLY
    attacks = ATTACKS | of_this_engine

    assert [name for name, sql in attacks.items() if not refused(sql)] == []

    assert stored() == cleared


def test_without_the_triggers_most_attacks_would_succeed(cleared):
    drop_triggers()

    succeed = {name for name, sql in ATTACKS.items() if not refused(sql)}

    assert {"edit the log", "change the UUID", "swap the cleared document", "skip an ICV"} < succeed


def test_every_trigger_stands(db):
    assert missing_triggers() == []
