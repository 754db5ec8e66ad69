"""The names D1 and D3 give, in the database itself: contracts 1."""

import re

import pytest
from django.db import connection

D3_COLUMNS = {
    "id", "tenant_id", "invoice_number", "phase", "status", "environment", "total_amount",
    "tax_amount", "hash", "uuid", "xml_content", "zatca_response", "error_message", "created_at",
    "updated_at",
}  # fmt: skip
LOG_COLUMNS = {
    "id", "tenant_id", "invoice_id", "invoice_number", "uuid", "hash", "environment", "status",
    "zatca_response_code", "zatca_response", "request_payload", "submitted_at", "cleared_at",
    "created_at", "action", "previous_status",
}  # fmt: skip
D3_INDEXES = {
    "ix_invoices_tenant_id": ["tenant_id"],
    "ix_invoices_invoice_number": ["invoice_number"],
    "ix_invoices_status": ["status"],
    "ix_invoices_hash": ["hash"],
    "ix_invoices_uuid": ["uuid"],
    "ix_invoices_tenant_status": ["tenant_id", "status"],
    "ix_invoices_tenant_created": ["tenant_id", "created_at"],
}
D1_COMMENTS = {
    "action": "Action type (e.g., 'RETRY', 'SUBMIT')",
    "previous_status": "Previous invoice status before action",
}


def described(table: str) -> dict:
    with connection.cursor() as cursor:
        return {
            column.name: column
            for column in connection.introspection.get_table_description(cursor, table)
        }


def constraints(table: str) -> dict:
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, table)


@pytest.fixture(autouse=True)
def _database(db):
    """These tests look at the database and at nothing in it."""


@pytest.mark.parametrize("table", ["tenants", "invoices", "invoice_logs"])
def test_the_tables_have_the_documents_names(table):
    assert table in connection.introspection.table_names()


def test_invoices_has_the_columns_of_d3():
    assert set(described("invoices")) >= D3_COLUMNS


def test_invoice_logs_has_the_columns_of_the_origin_and_of_d1():
    assert set(described("invoice_logs")) >= LOG_COLUMNS


def test_what_d3_calls_nullable_is_nullable_and_the_rest_is_not():
    nullable = {"hash", "uuid", "xml_content", "zatca_response", "error_message"}
    columns = described("invoices")
    assert {name for name in D3_COLUMNS if columns[name].null_ok} == nullable


def test_d1s_two_fields_are_nullable_texts_of_twenty():
    columns = described("invoice_logs")
    for name in D1_COMMENTS:
        assert columns[name].null_ok
        assert columns[name].display_size == 20


def test_the_unique_constraint_of_d3():
    found = constraints("invoices")["uq_invoices_tenant_invoice_number"]
    assert (found["unique"], found["columns"]) == (True, ["tenant_id", "invoice_number"])


@pytest.mark.parametrize(("name", "columns"), D3_INDEXES.items(), ids=D3_INDEXES)
def test_the_indexes_of_d3(name, columns):
    found = constraints("invoices")[name]
    assert (found["index"], found["columns"]) == (True, columns)


def test_no_column_is_indexed_twice():
    alike: dict[tuple, list[str]] = {}
    for name, found in constraints("invoices").items():
        # On PostgreSQL a text index may have a sister for LIKE; a partial one says so itself.
        if found["index"] and not found["primary_key"] and found.get("type") != "partial":
            alike.setdefault((*found["columns"], *found.get("orders", ())), []).append(name)
    doubled = {columns: names for columns, names in alike.items() if len(names) > 1}
    assert doubled == {}


def test_d1s_column_comments():
    if connection.vendor == "sqlite":
        # SQLite has no comments on columns: the check that says so is silenced there, and only it.
        from django.conf import settings

        assert "fields.W163" in settings.SILENCED_SYSTEM_CHECKS
        return
    columns = described("invoice_logs")
    assert {name: columns[name].comment for name in D1_COMMENTS} == D1_COMMENTS


def test_a_log_row_is_tied_to_its_invoice():
    [key] = [
        found
        for found in constraints("invoice_logs").values()
        if found["foreign_key"] and found["columns"] == ["invoice_id"]
    ]
    assert key["foreign_key"] == ("invoices", "id")


def test_the_documents_names_are_read_from_d3(reference):
    text = (reference / "documents" / "invoice-domain-refactoring.md").read_text()
    named = set(re.findall(r"`(ix_invoices_\w+)`", text))
    assert named == set(D3_INDEXES)
    columns = re.findall(r"^    (\w+): [\w| ]+", text, re.MULTILINE)
    assert set(columns) == D3_COLUMNS
