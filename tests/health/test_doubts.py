"""Where two rules meet: what the campaign and a second reading found, each with its figures."""

from datetime import date

import pytest

from health.errors import InvoiceNotFound
from health.models import LabSettings, TestInvoice, Voucher
from health.services.history import Who
from health.services.invoices import cancel_invoice, post_invoice
from health.services.locks import lock_period
from tests.health.conftest import URL, bill, line
from tests.health.test_credit_notes import JANUARY, balances

TWICE = {"reason": "twice"}


def made(api, **more) -> int:
    return api.post(URL, bill(invoice_date="2024-01-15T10:00:00", **more)).json()["data"]["id"]


def code_of(response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def test_shares_of_a_small_tax_add_up_to_it(lab_api):
    """Two paise of tax on 1.00: a quarter rounds up to one paisa, and three of them would be 3."""
    taxed = line(rate="1.00", cgst_rate=2, sgst_rate=2)
    pk = made(lab_api, status="POSTED", items=[taxed], overall_disc_amount="0.02")
    quarter = {**JANUARY, "items": [{"line_no": 1, "taxable_amount": "0.25"}]}

    answers = [lab_api.post(f"{URL}/{pk}/credit-notes", quarter) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201] * 4
    notes = [answer.json()["data"] for answer in answers]
    assert [note["cgst_amount"] for note in notes] == [0.01, 0, 0.01, 0]
    assert [note["overall_disc_amount"] for note in notes] == [0.01, 0, 0.01, 0]
    assert TestInvoice.objects.get().credited_amount == TestInvoice.objects.get().final_amount
    assert balances() == {}


def test_what_is_not_taxed_carries_not_even_a_paisa(lab_api):
    odd = line(cgst_amount="0.01", sgst_amount="0.01")
    free = line(disc_percentage=100, cgst_rate=9, sgst_rate=9, cgst_amount="0.01")

    for said in (odd, free | {"sgst_amount": "0.01"}):
        answer = lab_api.post(URL, bill(items=[said]))
        assert code_of(answer) == (400, "LINE_MISMATCH")


def test_a_draft_that_was_put_away_is_neither_posted_nor_cancelled(lab_api):
    """By one who read it before."""
    pk = made(lab_api)
    read = TestInvoice.objects.get(pk=pk)
    lab_api.delete(f"{URL}/{pk}")

    for do in (post_invoice, cancel_invoice):
        with pytest.raises(InvoiceNotFound):
            do(read, Who("t", "late"))
    assert not Voucher.objects.exists()


def test_two_drafts_of_one_order_are_not_both_posted_where_that_is_forbidden(lab_api, lab):
    LabSettings.objects.create(tenant=lab, strict_orders=True)
    first, second = made(lab_api, test_order_id=7), made(lab_api, test_order_id=7)

    assert lab_api.post(f"{URL}/{first}/post").status_code == 200
    late = lab_api.post(f"{URL}/{second}/post")

    assert code_of(late) == (400, "ORDER_ALREADY_INVOICED")
    assert Voucher.objects.count() == 1


def test_a_gateways_transaction_pays_once(lab_api):
    pk = made(lab_api, status="POSTED")
    said = {"amount": "100.00", "payment_mode": "UPI", "gateway_id": "upi-1"}

    assert lab_api.post(f"{URL}/{pk}/payments", said).status_code == 201
    assert code_of(lab_api.post(f"{URL}/{pk}/payments", said)) == (409, "DUPLICATE_GATEWAY_ID")


def test_nothing_is_undone_before_it_was_done(lab_api):
    pk = made(lab_api, status="POSTED")
    early = {"reason": "wrong", "date": "2024-01-14"}

    for path in ("cancel", "credit-notes"):
        answer = lab_api.post(f"{URL}/{pk}/{path}", early)
        assert (*code_of(answer), answer.json()["error"]["param"]) == (
            400,
            "DATE_TOO_EARLY",
            "date",
        )
    assert Voucher.objects.count() == 1


def test_money_for_what_was_credited_is_given_back(lab_api):
    """500.00 paid, 200.00 of it credited: OVERPAID until the 200.00 are back (health.md 3.5)."""
    pk = made(lab_api, status="POSTED")
    said = {"amount": "500.00", "payment_mode": "CASH", "date": "2024-01-15"}
    payment = lab_api.post(f"{URL}/{pk}/payments", said).json()["data"]["id"]
    part = {"items": [{"line_no": 1, "taxable_amount": "200.00"}]}
    lab_api.post(f"{URL}/{pk}/credit-notes", JANUARY | part)
    assert TestInvoice.objects.get().payment_status == "OVERPAID"
    back = f"/api/v1/health/payments/{payment}/refund"
    give = {"payment_mode": "CASH", "reason": "credited", "date": "2024-01-31"}

    assert code_of(lab_api.post(back, {"amount": "200.01", **give})) == (409, "OVER_ALLOCATION")
    assert lab_api.post(back, {"amount": "200.00", **give}).status_code == 201

    invoice = TestInvoice.objects.get()
    assert (invoice.paid_amount, invoice.payment_status) == (300, "PAID")
    assert balances() == {"1010-CASH": "300.00", "4300-DIAGNOSTIC": "-300.00"}


def test_the_series_steps_over_a_number_that_was_written_by_hand(lab_api):
    made(lab_api, invoice_number="LAB/2324/000001")

    pk = made(lab_api)

    assert TestInvoice.objects.get(pk=pk).invoice_number == "LAB/2324/000002"


def test_a_long_prefix_leaves_room_for_sixteen_characters(lab_api, lab):
    LabSettings.objects.create(tenant=lab, invoice_prefix="DELHI")

    assert TestInvoice.objects.get(pk=made(lab_api)).invoice_number == "DELHI/2324/00001"


def test_money_that_a_gateway_confirms_after_the_close_is_booked_today(lab_api, lab):
    pk = made(lab_api, status="POSTED")
    said = {"amount": "100.00", "payment_mode": "UPI", "date": "2024-01-31"}
    payment = lab_api.post(f"{URL}/{pk}/payments", said).json()["data"]["id"]
    lock_period(lab, upto=date(2024, 1, 31), scope="ALL", reason="closed", actor="t")

    assert lab_api.post(f"/api/v1/health/payments/{payment}/confirm").status_code == 200

    assert Voucher.objects.get(reference_type="PAYMENT").date > date(2024, 1, 31)


def test_a_line_that_was_given_away_is_undone_with_the_rest(lab_api, lab):
    """In books that show revenue before discounts."""
    LabSettings.objects.create(tenant=lab, gross_revenue=True)
    lines = [line(rate=100), line(line_no=2, rate=50, disc_percentage=100)]
    pk = made(lab_api, status="POSTED", items=lines)
    assert balances()["5300-DISC-GIVEN"] == "50.00"

    lab_api.post(f"{URL}/{pk}/credit-notes", JANUARY)

    assert balances() == {}
