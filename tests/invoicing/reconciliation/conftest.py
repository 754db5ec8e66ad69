"""Najd and a stand-in that holds what it accepted, whatever Daftar believes."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from invoicing.models import Invoice, ReconciliationRun
from invoicing.services.reconciling import reconcile_with_export, reconcile_with_list
from invoicing.services.sending import By
from tests.invoicing.commands.conftest import issue, run, vandal

BY = By("STAFF", "amal")
__all__ = ["issue", "run", "vandal"]


@pytest.fixture
def listed(najd, zatca) -> Callable[..., ReconciliationRun]:
    """Compare with the stand-in's list."""
    return lambda **about: reconcile_with_list(tenant=najd, by=BY, **about)


@pytest.fixture
def uploaded(najd) -> Callable[..., ReconciliationRun]:
    """Compare with a file."""

    def upload(content: bytes | str, **about: Any) -> ReconciliationRun:
        data = content.encode() if isinstance(content, str) else content
        return reconcile_with_export(
            tenant=najd, by=BY, file=io.BytesIO(data), name="export.csv", **about
        )

    return upload


def findings(run: ReconciliationRun) -> list[tuple[str, str, str, str]]:
    """(kind, number, ours, theirs) of each finding, sorted."""
    return sorted(run.findings.values_list("kind", "number", "ours", "theirs"))


def export_of(*invoices: Invoice, **changes: str) -> str:
    """What a portal that agrees would export; `changes` replace cells of every row."""
    rows = [{**_row(invoice), **changes} for invoice in invoices]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(invoice: Invoice) -> dict[str, str]:
    return {
        "Invoice Number": invoice.invoice_number,
        "UUID": invoice.uuid or "",
        "Status": "Reported" if invoice.is_simplified else "Cleared",
        "Invoice Type": invoice.document_type,
        "Category": "Simplified" if invoice.is_simplified else "Standard",
        "Total": str(invoice.total_amount),
        "VAT": str(invoice.tax_amount),
        "Issue Date": f"{invoice.issued_at.astimezone(invoice.tenant.zone):%d/%m/%Y %H:%M}",
    }
