"""Nobody credits more than was invoiced. An invoice here is 2 × 100.00 at 15 %: 230.00."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from invoicing.judge import RuleFinding
from invoicing.models import Invoice
from invoicing.services import gate
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import LINE, credit_note, phase_1, standard
from tests.invoicing.traces import URL, everything

HALF = {"line_items": [{**LINE, "quantity": 1}]}  # 115.00
MORE = {"line_items": [{**LINE, "quantity": 3}]}  # 345.00


def debit_note(number: str, of: str = "INV-1", **changes):
    return credit_note(number, of, invoice_type="383", note_reason="فرق سعر", **changes)


def left(number: str = "INV-1") -> Decimal:
    return Invoice.objects.get(invoice_number=number).creditable_amount


def over_credit(response) -> tuple[str, str, str]:
    """(param, what is left, what was asked) of the refusal."""
    assert response.status_code == 409, response.content
    error = response.json()["error"]
    assert error["code"] == "over_credit"
    assert error["message_ar"]
    [found] = error["errors"]
    return found["param"], found["expected"], found["got"]


@arranged
def original(world: World) -> Invoice:
    return world.post(standard())


def test_a_note_takes_from_the_balance(api, original):
    assert api.post(URL, credit_note("CN-1", **HALF)).status_code == 201
    assert left() == Decimal("115.00")
    assert api.post(URL, credit_note("CN-2", **HALF)).status_code == 201
    assert left() == Decimal("0.00")


def test_more_than_is_left_is_refused_and_nothing_happens(api, original, zatca):
    api.post(URL, credit_note("CN-1", **HALF))
    before = everything(zatca)

    response = api.post(URL, credit_note("CN-2"))

    assert over_credit(response) == ("billing_reference[0].number", "115.00", "230.00")
    assert everything(zatca) == before


def test_a_waiting_note_counts(api, original, zatca):
    api.post(URL, credit_note("CN-1"), headers={"Prefer": "respond-async"})
    over_credit(api.post(URL, credit_note("CN-2", **HALF)))


def test_a_failed_note_counts(api, original, zatca):
    zatca.control.script("CN-1", delivery=1, fault="drop_after")
    assert api.post(URL, credit_note("CN-1")).status_code == 500
    over_credit(api.post(URL, credit_note("CN-2", **HALF)))


@arranged
def rejected_note(world: World) -> Invoice:
    """The original, and a note on it that was refused."""
    world.post(standard())
    note = world.post(credit_note("CN-1"), "reject")
    assert note.status == "REJECTED"
    return note


def test_a_rejected_note_gives_its_part_back(api, rejected_note):
    assert left() == Decimal("230.00")
    [link] = rejected_note.references.all()
    assert (link.original.invoice_number, link.amount) == ("INV-1", Decimal("0.00"))


def test_a_note_that_the_gate_refuses_gives_its_part_back(api, original, zatca, monkeypatch):
    refusal = RuleFinding("BR-X", "error", "No.", "rules", "")
    monkeypatch.setattr(gate, "_verdict", lambda document, chain: [refusal])
    assert api.post(URL, credit_note("CN-1")).json()["status"] == "REJECTED"
    assert left() == Decimal("230.00")


def test_retry_of_a_rejected_note_takes_it_again(api, rejected_note):
    assert api.post(f"{URL}/{rejected_note.pk}/retry").status_code == 200
    assert left() == Decimal("0.00")


def test_retry_is_refused_once_another_note_has_it(api, rejected_note, zatca):
    assert api.post(URL, credit_note("CN-2")).status_code == 201
    before = everything(zatca)

    response = api.post(f"{URL}/{rejected_note.pk}/retry")

    assert over_credit(response)[1:] == ("0.00", "230.00")
    assert everything(zatca) == before


def test_a_corrected_note_takes_what_it_says_now(api, rejected_note):
    assert api.post(URL, credit_note("CN-1", **HALF)).status_code == 200
    assert left() == Decimal("115.00")


def test_a_corrected_note_may_name_another_invoice(api, rejected_note):
    api.post(URL, standard("INV-2"))
    assert api.post(URL, credit_note("CN-1", of="INV-2")).status_code == 200
    assert (left("INV-1"), left("INV-2")) == (Decimal("230.00"), Decimal("0.00"))


def test_a_correction_is_refused_beyond_the_balance(api, rejected_note, zatca):
    before = everything(zatca)
    over_credit(api.post(URL, credit_note("CN-1", **MORE)))
    assert everything(zatca) == before


def test_a_cleared_debit_note_raises_the_balance(api, original):
    api.post(URL, debit_note("DN-1", **HALF))
    assert left() == Decimal("345.00")
    assert api.post(URL, credit_note("CN-1", **MORE)).status_code == 201


def test_a_debit_note_that_waits_raises_nothing(api, original):
    api.post(URL, debit_note("DN-1", **HALF), headers={"Prefer": "respond-async"})
    assert left() == Decimal("230.00")


def test_two_references_share_the_note_in_order(api, original):
    api.post(URL, standard("INV-2"))
    both = [{"number": "INV-1"}, {"number": "INV-2"}]
    assert api.post(URL, credit_note("CN-1", billing_reference=both, **MORE)).status_code == 201
    assert (left("INV-1"), left("INV-2")) == (Decimal("0.00"), Decimal("115.00"))


def test_a_foreign_number_has_no_balance(api, unit):
    assert api.post(URL, credit_note("CN-1", of="OLD-7", **MORE)).status_code == 201


def test_a_note_that_came_first_is_linked_when_its_original_comes(api, unit):
    api.post(URL, credit_note("CN-1", of="INV-1", **HALF))
    api.post(URL, standard("INV-1"))
    assert left() == Decimal("115.00")


def test_another_tenants_invoice_is_a_foreign_number(foreign_api, original, foreign_unit):
    note = credit_note("CN-1", buyer_tax_number="399999999900003", **MORE)
    assert foreign_api.post(URL, note).status_code == 201
    assert left() == Decimal("230.00")


def test_the_other_currency_is_refused(api, original, zatca):
    before = everything(zatca)
    response = api.post(URL, credit_note("CN-1", currency="USD", exchange_rate="3.75"))
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("currency_differs", "currency")
    assert (error["errors"][0]["expected"], error["errors"][0]["got"]) == ("SAR", "USD")
    assert everything(zatca) == before


def test_in_foreign_currency_the_amounts_of_the_documents_are_compared(api, unit):
    dollars = {"currency": "USD", "exchange_rate": "3.75"}
    api.post(URL, standard("INV-1", **dollars))
    # Another day's rate changes the riyals, and not what the buyer owes.
    again = {"currency": "USD", "exchange_rate": "3.76"}
    assert api.post(URL, credit_note("CN-1", **again)).status_code == 201
    over_credit(api.post(URL, credit_note("CN-2", **again)))


def test_phase_1_notes_are_guarded_alike(api, najd):
    api.post(URL, phase_1("P-1"))  # 115.00
    note = {"invoice_type": "381", "billing_reference": [{"number": "P-1"}], "note_reason": "خطأ"}
    assert api.post(URL, phase_1("PC-1", **note)).status_code == 201
    over_credit(api.post(URL, phase_1("PC-2", **note)))


def advance(number: str = "PRE-1", **changes):
    return standard(number, invoice_type="386", **changes)


def deducting(number: str, taxable: str, tax: str):
    part = {
        "number": "PRE-1",
        "issued_at": "2026-11-01T10:00:00+03:00",
        "taxable": taxable,
        "tax": tax,
        "tax_category": "S",
        "tax_rate": 15,
    }
    return standard(number, prepayments=[part], **MORE)


def test_what_was_deducted_elsewhere_cannot_be_credited_too(api, unit):
    assert api.post(URL, advance()).status_code == 201
    assert api.post(URL, deducting("INV-1", "100.00", "15.00")).status_code == 201
    assert left("PRE-1") == Decimal("115.00")
    over_credit(api.post(URL, credit_note("CN-1", of="PRE-1")))
    assert api.post(URL, credit_note("CN-1", of="PRE-1", **HALF)).status_code == 201


def test_an_advance_is_deducted_once(api, unit, zatca):
    api.post(URL, advance())
    api.post(URL, deducting("INV-1", "150.00", "22.50"))
    before = everything(zatca)
    response = api.post(URL, deducting("INV-2", "100.00", "15.00"))
    assert over_credit(response) == ("prepayments[0].number", "57.50", "115.00")
    assert everything(zatca) == before


def test_a_revision_may_not_fall_below_what_is_credited(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="reject")
    api.post(URL, standard("INV-1"))
    api.post(URL, credit_note("CN-1"))
    before = everything(zatca)
    assert over_credit(api.post(URL, standard("INV-1", **HALF)))[0] == "line_items"
    assert everything(zatca) == before


def test_the_database_refuses_what_the_code_would_let_through(original):
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=original.pk).update(credited_amount=Decimal("230.01"))


def test_the_api_tells_the_balance(api, original):
    api.post(URL, credit_note("CN-1", **HALF))
    balance = api.get(f"{URL}/{original.pk}").json()["balance"]
    assert {name: str(value) for name, value in balance.items()} == {
        "credited": "115.0",
        "debited": "0.0",
        "deducted": "0.0",
        "creditable": "115.0",
    }
