"""Credit notes take back what was billed, to the paisa and never more."""

import pytest
from django.db.models import Sum

from health.integrity import broken_rules
from health.models import (
    CreditNote,
    LabSettings,
    TestInvoice,
    TestInvoiceItem,
    Voucher,
    VoucherLine,
)
from tests.health.conftest import URL, bill, line, sample_of

JANUARY = {"reason": "wrong patient", "date": "2024-01-31"}


@pytest.fixture
def billed(lab_api, reference) -> str:
    """The credit notes of D2's sample."""
    pk = lab_api.post(URL, sample_of(reference)).json()["data"]["id"]
    return f"{URL}/{pk}/credit-notes"


def balances() -> dict[str, str]:
    rows = VoucherLine.objects.values("account__code").annotate(d=Sum("debit"), c=Sum("credit"))
    return {row["account__code"]: str(row["d"] - row["c"]) for row in rows if row["d"] != row["c"]}


def test_a_note_over_everything_undoes_every_account(lab_api, billed):
    answer = lab_api.post(billed, JANUARY)

    data = answer.json()["data"]
    assert (answer.status_code, data["number"], data["total_amount"]) == (
        201,
        "CN/2324/000001",
        1121.5,
    )
    assert balances() == {}
    invoice = TestInvoice.objects.get()
    assert (invoice.balance_amount, invoice.payment_status) == (0, "UNPAID")
    assert Voucher.objects.get(reference_number=data["number"]).voucher_number == "TCN202401310001"


def test_line_by_line_is_the_same_in_the_end(lab_api, billed):
    first = lab_api.post(billed, JANUARY | {"items": [{"line_no": 2}]}).json()["data"]
    part = {"items": [{"line_no": 1, "taxable_amount": "100.00"}]}
    second = lab_api.post(billed, JANUARY | part).json()["data"]
    rest = lab_api.post(billed, JANUARY).json()["data"]

    # 475.00 and twice 42.75; 100.00 and twice 9.00; what is left, with the round-off.
    assert [one["total_amount"] for one in (first, second, rest)] == [560.5, 118, 443]
    assert rest["roundoff"] == 0.5
    assert balances() == {}
    assert len(lab_api.get(billed).json()["data"]) == 3


def test_a_discount_on_the_whole_is_shared_and_comes_back_exactly(lab_api):
    lines = [line(rate="33.33"), line(line_no=2, rate="66.67")]
    said = bill(status="POSTED", invoice_date="2024-01-15T10:00:00", overall_disc_amount="10.00")
    pk = lab_api.post(URL, said | {"items": lines}).json()["data"]["id"]
    address = f"{URL}/{pk}/credit-notes"

    first = lab_api.post(address, JANUARY | {"items": [{"line_no": 1}]}).json()["data"]
    rest = lab_api.post(address, JANUARY).json()["data"]

    # 10.00 x 33.33 / 100.00 is 3.33.
    assert [first["total_amount"], rest["total_amount"]] == [30, 60]
    assert balances() == {}


@pytest.mark.parametrize(
    "items",
    [
        [{"line_no": 1, "taxable_amount": "475.01"}],
        [{"line_no": 1, "taxable_amount": "0.00"}],
        [{"line_no": 3}],
    ],
)
def test_more_than_was_billed_is_not_credited(lab_api, billed, items):
    answer = lab_api.post(billed, JANUARY | {"items": items})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "OVER_CREDIT")
    assert not CreditNote.objects.exists()
    assert Voucher.objects.count() == 1


def test_nothing_is_credited_twice_nor_cancelled_after_it(lab_api, billed):
    lab_api.post(billed, JANUARY | {"items": [{"line_no": 2}]})

    again = lab_api.post(billed, JANUARY | {"items": [{"line_no": 2}]})
    cancelled = lab_api.post(billed.replace("credit-notes", "cancel"), {"reason": "all of it"})

    assert again.json()["error"]["code"] == "OVER_CREDIT"
    assert cancelled.json()["error"]["code"] == "HAS_CREDITS"
    assert CreditNote.objects.count() == 1


def test_who_had_paid_is_then_overpaid(lab_api, billed):
    paid = {"amount": "1121.50", "payment_mode": "CASH"}
    lab_api.post(billed.replace("credit-notes", "payments"), paid)

    lab_api.post(billed, JANUARY | {"items": [{"line_no": 2}]})

    invoice = TestInvoice.objects.get()
    assert (invoice.payment_status, str(invoice.balance_amount)) == ("OVERPAID", "-560.50")


def test_after_the_law_s_last_day_a_note_takes_no_tax(lab_api, billed):
    """Billed in January 2024: tax could be reduced until 30 November 2024."""
    late = {"reason": "goodwill", "date": "2024-12-01"}

    data = lab_api.post(billed, late).json()["data"]

    assert (data["is_financial"], data["cgst_amount"], data["total_amount"]) == (True, 0, 950)


HALF_A_RUPEE = bill(status="POSTED", items=[line(disc_percentage=100)], roundoff="0.50")
# 499.60 + 0.40 is 500.00, and 500.40 - 0.40 too.
UP = bill(status="POSTED", items=[line(rate="499.60")], roundoff="0.40")
DOWN = bill(status="POSTED", items=[line(rate="500.40")], roundoff="-0.40")


@pytest.mark.parametrize("on", ["2024-01-31", "2024-12-01"])
def test_a_round_off_is_credited_on_any_day(lab, lab_api, on):
    settings = LabSettings.objects.create(tenant=lab)
    for layout, gross in (("SPLIT", False), ("SPLIT", True), ("COMPACT", False)):
        settings.voucher_layout, settings.gross_revenue = layout, gross
        settings.save()
        for said, total in ((HALF_A_RUPEE, 0.5), (UP, 500), (DOWN, 500)):
            dated = said | {"invoice_date": "2023-12-15T10:00:00"}
            address = f"{URL}/{lab_api.post(URL, dated).json()['data']['id']}/credit-notes"

            note = lab_api.post(address, JANUARY | {"date": on})

            assert (note.status_code, note.json()["data"]["total_amount"]) == (201, total)
            assert note.json()["data"]["is_financial"] is (on == "2024-12-01")
            again = lab_api.post(address, JANUARY | {"date": on})
            assert (again.status_code, again.json()["error"]["code"]) == (409, "OVER_CREDIT")
    assert balances() == {}
    assert list(broken_rules(lab.pk)) == []


def test_what_a_discount_before_tax_took_whole_is_undone_with_the_rest(lab, lab_api):
    LabSettings.objects.create(tenant=lab, gross_revenue=True)
    # Half of 100.01 is 50.01 after rounding: of the line of a paisa nothing is left.
    lines = [line(rate="100.00"), line(line_no=2, rate="0.01")]
    halved = {"discount_mode": "PRE_TAX", "overall_disc_percentage": "50"}
    dated = {"status": "POSTED", "invoice_date": "2024-01-15T10:00:00"}
    pk = lab_api.post(URL, bill(items=lines, **halved, **dated)).json()["data"]["id"]
    assert TestInvoiceItem.objects.get(line_no=2).taxable_amount == 0

    assert lab_api.post(f"{URL}/{pk}/credit-notes", JANUARY).status_code == 201

    assert balances() == {}


def test_a_line_is_named_once_in_a_note(lab_api, billed):
    """Or the last one would silently win."""
    part, whole = {"line_no": 1, "taxable_amount": "100.00"}, {"line_no": 2}

    answer = lab_api.post(billed, JANUARY | {"items": [part, whole, part | {"taxable_amount": 9}]})

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["code"], error["field"]) == ("VALIDATION_ERROR", "items[2].line_no")
    assert "1" in error["message_ar"]
    assert not CreditNote.objects.exists()
