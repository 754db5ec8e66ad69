"""Two clerks, two programs, one balance: one note wins, on both engines."""

from decimal import Decimal

from invoicing.models import DocumentReference, Invoice
from tests.invoicing.payloads import LINE, credit_note, standard
from tests.invoicing.reliability.test_races import at_once, statuses

HALF = {"line_items": [{**LINE, "quantity": 1}]}


def test_of_two_full_notes_at_once_one_wins(shop):
    shop.post(standard())
    responses = at_once(
        lambda: shop.post(credit_note("CN-1")), lambda: shop.post(credit_note("CN-2"))
    )
    assert statuses(responses) == [201, 409]
    assert Invoice.objects.get(invoice_number="INV-1").credited_amount == Decimal("230.00")
    assert DocumentReference.objects.count() == 1


def test_of_six_halves_at_once_two_win(shop):
    shop.post(standard())
    notes = [credit_note(f"CN-{n}", **HALF) for n in range(6)]
    responses = at_once(*[lambda note=note: shop.post(note) for note in notes])
    assert statuses(responses) == [201] * 2 + [409] * 4
    assert Invoice.objects.get(invoice_number="INV-1").creditable_amount == Decimal("0.00")
    assert not shop.report().violations


def test_two_notes_on_the_same_two_invoices_do_not_wait_for_each_other_for_ever(shop):
    shop.post(standard("INV-1"))
    shop.post(standard("INV-2"))

    def note(number: str, *of: str):
        references = [{"number": one} for one in of]
        return credit_note(number, billing_reference=references)

    responses = at_once(
        lambda: shop.post(note("CN-1", "INV-1", "INV-2")),
        lambda: shop.post(note("CN-2", "INV-2", "INV-1")),
    )
    assert statuses(responses) == [201, 201]
