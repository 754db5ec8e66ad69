"""PRE_TAX: a discount on the whole comes off the lines before they are taxed; all by hand."""

from decimal import Decimal
from itertools import product

import pytest

from health.gst import apportioned
from health.models import LabSettings, TestInvoice
from tests.health.books import everything
from tests.health.conftest import URL, bill, line
from tests.health.test_credit_notes import balances
from tests.health.test_document import lines_of

GST = {"cgst_rate": 9, "sgst_rate": 9}
LINES = [line(rate="333.33", **GST), line(line_no=2, rate="666.67", **GST)]
NIL = Decimal("0.00")


def pre_tax(**more) -> dict:
    dated = {"invoice_date": "2024-01-15T10:00:00", "discount_mode": "PRE_TAX", "items": LINES}
    return bill(**dated | {"overall_disc_amount": "100.00"} | more)


def test_the_lines_bear_it_and_tax_is_on_what_is_left(lab_api):
    said = lab_api.post(f"{URL}/quote", pre_tax()).json()["data"]

    # 33.333 and 66.667: the odd paisa goes where more is left over.
    assert [item["overall_disc_share"] for item in said["items"]] == [33.33, 66.67]
    assert [item["taxable_amount"] for item in said["items"]] == [300, 600]
    assert [item["cgst_amount"] for item in said["items"]] == [27, 54]
    assert (said["taxable_amount"], said["final_amount"]) == (900, 1062)
    # After tax, as D2 has it: 1000.00 + 180.00 - 100.00.
    after = lab_api.post(f"{URL}/quote", pre_tax(discount_mode="POST_TAX")).json()["data"]
    assert (after["taxable_amount"], after["final_amount"]) == (1000, 1080)


def test_a_percentage_is_of_what_is_not_taxed_yet(lab_api):
    said = pre_tax(overall_disc_percentage=10, overall_disc_amount=0)

    data = lab_api.post(f"{URL}/quote", said).json()["data"]

    assert (data["overall_disc_amount"], data["final_amount"]) == (100, 1062)


@pytest.mark.parametrize("is_gross", [False, True], ids=["net", "gross"])
def test_the_voucher_has_no_discount_but_in_gross_revenue(lab_api, lab, is_gross):
    LabSettings.objects.create(tenant=lab, gross_revenue=is_gross)
    pk = lab_api.post(URL, pre_tax(status="POSTED")).json()["data"]["id"]

    taxes = [(f"{code}-OUT", NIL, Decimal("81.00")) for code in ("2310-GST-CGST", "2320-GST-SGST")]
    revenue = Decimal("1000.00") if is_gross else Decimal("900.00")
    given = [("5300-DISC-GIVEN", Decimal("100.00"), NIL)] if is_gross else []
    assert lines_of(TestInvoice.objects.get(pk=pk).voucher) == [
        ("1100-AR", Decimal("1062.00"), NIL),
        ("4300-DIAGNOSTIC", NIL, revenue),
        *taxes,
        *given,
    ]


@pytest.mark.parametrize("is_gross", [False, True], ids=["net", "gross"])
def test_notes_over_every_line_leave_no_account_with_a_balance(lab_api, lab, is_gross):
    LabSettings.objects.create(tenant=lab, gross_revenue=is_gross)
    pk = lab_api.post(URL, pre_tax(status="POSTED")).json()["data"]["id"]
    note = {"reason": "wrong", "date": "2024-01-31"}
    thirds = [{"items": [{"line_no": 1, "taxable_amount": "100.01"}]}, {"items": [{"line_no": 2}]}]

    totals = [
        lab_api.post(f"{URL}/{pk}/credit-notes", note | part).json()["data"]["total_amount"]
        for part in (*thirds, {})
    ]

    # 100.01 and twice 9.00; 600.00 and twice 54.00; 199.99 and twice 18.00.
    assert totals == [118.01, 708, 235.99]
    assert balances() == {}


def test_which_line_bears_the_odd_paisa_is_the_callers_business(lab_api):
    def quoted(*taxable: str):
        lines = [
            line(line_no=n, rate="33.33", taxable_amount=amount)
            for n, amount in enumerate(taxable, start=1)
        ]
        said = pre_tax(items=lines, overall_disc_amount="10.00")
        return lab_api.post(f"{URL}/quote", said)

    assert quoted("29.99", "30.00", "30.00").status_code == 200
    assert quoted("30.00", "29.99", "30.00").status_code == 200
    [less] = quoted("30.00", "30.00", "30.00").json()["errors"]
    assert (less["code"], less["field"]) == ("TOTALS_MISMATCH", "overall_disc_amount")
    assert (less["expected"], less["got"]) == ("9.99", "10.00")
    assert quoted("29.99", "30.02", "29.98").status_code == 400


def test_what_is_given_away_after_tax_would_leave_its_tax_to_nobody(lab_api, lab):
    LabSettings.objects.create(tenant=lab, allow_zero=True)
    taxed = line(rate="100", cgst_rate=9, sgst_rate=9)
    given = {"items": [taxed], "status": "POSTED", "overall_disc_percentage": 100}
    before = everything()

    [error] = lab_api.post(URL, bill(discount_mode="POST_TAX", **given)).json()["errors"]
    assert (error["code"], error["field"]) == ("TAX_ON_NOTHING", "overall_disc_amount")
    assert everything() == before

    answer = lab_api.post(URL, bill(discount_mode="PRE_TAX", **given))
    assert (answer.status_code, answer.json()["data"]["voucher_id"]) == (201, None)


def test_another_discount_of_a_draft_is_shared_anew(lab_api, lab):
    LabSettings.objects.create(tenant=lab, discount_mode="PRE_TAX")
    said = pre_tax()
    del said["discount_mode"]
    pk = lab_api.post(URL, said).json()["data"]["id"]

    assert lab_api.put(f"{URL}/{pk}", {"overall_disc_amount": "50.00"}).status_code == 200

    data = lab_api.get(f"{URL}/{pk}").json()["data"]
    # 16.6665 and 33.3335; 28.4994 and 57.0006.
    assert [item["overall_disc_share"] for item in data["items"]] == [16.67, 33.33]
    assert [item["cgst_amount"] for item in data["items"]] == [28.5, 57]
    assert (data["discount_mode"], data["final_amount"]) == ("PRE_TAX", 1121)
    lab_api.put(f"{URL}/{pk}", {"discount_mode": "POST_TAX"})
    assert lab_api.get(f"{URL}/{pk}").json()["data"]["final_amount"] == 1130


def test_more_than_there_is_cannot_come_off(lab_api):
    answer = lab_api.post(f"{URL}/quote", pre_tax(overall_disc_amount="1000.01"))

    assert answer.json()["errors"][0]["expected"] == "at most 1000.00"


def test_whatever_is_shared_is_all_of_it_and_no_line_goes_below_nothing():
    amounts = [Decimal(units) / 100 for units in (0, 1, 2, 33, 100, 9999)]
    for nets in product(amounts, repeat=3):
        for part in (0, 1, 3, 50, 99, 100):
            discount = (sum(nets) * part / 100).quantize(Decimal("0.01"))
            shares = apportioned(discount, nets)
            assert sum(shares) == (discount if sum(nets) else 0)
            assert all(0 <= share <= net for share, net in zip(shares, nets, strict=True))
