"""A posted bill's paper is what it was, whatever the laboratory is called by then."""

from importlib import import_module

import pytest
from django.apps import apps

from config.db.triggers import drop_triggers
from health.models import CreditNote, LabSettings, TestInvoice
from health.printing import qr_text, render_invoice, render_note
from health.printing_sheet import invoice_sheet, note_sheet
from health.services.checking import settings_of
from tests.health.conftest import URL, bill, line
from tests.health.test_paper import kept

MIGRATION = import_module("health.migrations.0006_suppliers_and_parts")
GSTIN = "27AAPFU0939F1ZV"
TAXED = bill(
    items=[line(cgst_rate=9, sgst_rate=9)],
    # Half past one at night where it was written, and the day before in UTC.
    invoice_date="2024-01-16T01:30:00",
)


@pytest.fixture
def posted(lab, lab_api) -> TestInvoice:
    LabSettings.objects.create(tenant=lab, gstin=GSTIN, state_code="27")
    invoice = kept(lab_api, TAXED | {"status": "POSTED"})
    credit = {"reason": "x", "date": "2024-01-20", "items": [{"line_no": 1, "taxable_amount": 1}]}
    assert lab_api.post(f"{URL}/{invoice.pk}/credit-notes", credit).status_code == 201
    return invoice


def rename(lab) -> None:
    LabSettings.objects.filter(tenant=lab).update(gstin="", state_code="29")
    lab.company_name, lab.timezone = "New Lab", "UTC"
    lab.save()


def papers(invoice: TestInvoice) -> tuple:
    invoice = TestInvoice.objects.get(pk=invoice.pk)
    note = CreditNote.objects.get()
    lab = settings_of(invoice.tenant)
    return (
        invoice_sheet(invoice, lab),
        note_sheet(note, lab),
        qr_text(invoice, lab),
        render_invoice(invoice).content,
        render_note(note).content,
    )


def told(invoice: TestInvoice) -> tuple:
    invoice = TestInvoice.objects.get(pk=invoice.pk)
    sheet = invoice_sheet(invoice, settings_of(invoice.tenant))
    rows = {row["label"]: row["value"] for row in (*sheet["facts"], *sheet["seller"]["rows"])}
    return sheet["seller"]["name"], rows.get("GSTIN"), rows["State"], rows["Date"]


def test_a_posted_bill_is_printed_as_it_was(lab, posted):
    before = papers(posted)
    assert told(posted) == ("City Lab", GSTIN, "27 Maharashtra", "16 Jan 2024, 01:30")

    rename(lab)

    assert papers(posted) == before


def test_a_draft_says_who_the_laboratory_is_today(lab, lab_api, posted):
    draft = kept(lab_api, TAXED)
    rename(lab)

    assert told(draft) == ("New Lab", None, "29 Karnataka", "16 Jan 2024, 01:30")

    moved = {"invoice_date": "2024-01-15T21:00:00"}
    assert lab_api.put(f"{URL}/{draft.pk}", moved).status_code == 200
    assert told(draft)[-1] == "15 Jan 2024, 21:00"
    assert lab_api.post(f"{URL}/{draft.pk}/post").status_code == 200
    LabSettings.objects.update(state_code="27")
    assert told(draft) == ("New Lab", None, "29 Karnataka", "15 Jan 2024, 21:00")


def test_bills_from_before_keep_what_their_paper_says_at_the_upgrade(lab, lab_api, posted):
    draft, abroad = kept(lab_api, TAXED), kept(lab_api, TAXED)
    before = papers(posted)
    drop_triggers()  # as whoever migrates does
    old = {"supplier_name": "", "supplier_gstin": "", "supplier_state": "", "local_time": None}
    TestInvoice.objects.update(**old)
    TestInvoice.objects.filter(pk=abroad.pk).update(local_date="2024-01-15")

    MIGRATION.suppliers_as_of_today(apps, None)

    assert papers(posted) == before
    # In which zone this one was written nobody knows.
    assert told(abroad)[-1] == "15 Jan 2024"
    rename(lab)
    assert papers(posted) == before
    assert told(draft) == ("New Lab", None, "29 Karnataka", "16 Jan 2024, 01:30")
