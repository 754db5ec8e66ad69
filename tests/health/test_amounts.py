"""The server computes what is left out and refuses what does not add up (health.md section 2)."""

from decimal import Decimal

import pytest

from health.models import NumberSeries, TestInvoice
from tests.health.conftest import URL, bill, line, sample_of

TAXED = {"disc_percentage": 5, "cgst_rate": 9, "sgst_rate": 9}


def codes(response) -> list[tuple[str, str]]:
    return [(error["code"], error["field"]) for error in response.json()["errors"]]


def test_a_line_needs_no_more_than_its_rates(lab_api):
    pk = lab_api.post(URL, bill(items=[line(rate="333.33", **TAXED)])).json()["data"]["id"]

    invoice = TestInvoice.objects.get(pk=pk)

    # 333.33 - 16.67 = 316.66; 9 % of it is 28.4994.
    assert invoice.taxable_amount == Decimal("316.66")
    assert invoice.cgst_amount == invoice.sgst_amount == Decimal("28.50")
    assert invoice.final_amount == Decimal("373.66")


@pytest.mark.parametrize(
    "name",
    [
        "subtotal_amount",
        "items_total_discount_amount",
        "taxable_amount",
        "cgst_amount",
        "sgst_amount",
        "final_amount",
    ],
)
def test_a_total_that_is_off_by_a_paisa_is_refused(lab_api, reference, name):
    said = sample_of(reference)
    right = Decimal(str(said[name]))

    response = lab_api.post(URL, said | {name: str(right + Decimal("0.01"))})

    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert (error["code"], error["field"]) == ("TOTALS_MISMATCH", name)
    assert Decimal(error["expected"]) == right
    assert Decimal(error["got"]) == right + Decimal("0.01")
    assert not TestInvoice.objects.exists()
    assert not NumberSeries.objects.exists()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"disc_amount": "25.02", **TAXED}, "LINE_MISMATCH", "items[0].disc_amount"),
        ({"disc_amount": "500.01"}, "LINE_MISMATCH", "items[0].disc_amount"),
        ({"taxable_amount": "499.99"}, "LINE_MISMATCH", "items[0].taxable_amount"),
        ({"total_amount": "500.01"}, "LINE_MISMATCH", "items[0].total_amount"),
        ({"cgst_rate": 9, "sgst_rate": 6}, "TAX_SPLIT_INVALID", "items[0].sgst_rate"),
        ({"igst_rate": 18}, "TAX_SPLIT_INVALID", "items"),
        ({"igst_rate": 18, "cgst_rate": 9, "sgst_rate": 9}, "TAX_SPLIT_INVALID", "items"),
        ({"rate": "500.005"}, "NOT_PAISA_EXACT", "items[0].rate"),
        ({"panel_id": 5}, "MISSING_ITEM_REFERENCE", "items[0]"),
        ({"test_id": None, "test_name": ""}, "MISSING_ITEM_REFERENCE", "items[0]"),
    ],
)
def test_a_line_that_contradicts_itself_is_refused(lab_api, change, code, field):
    response = lab_api.post(URL, bill(items=[line(**change)]))

    assert response.status_code == 400
    assert (code, field) in codes(response)
    assert not TestInvoice.objects.exists()


def test_a_paisa_of_rounding_in_one_line_is_the_callers_own(lab_api):
    said = line(cgst_rate=9, sgst_rate=9, cgst_amount="45.01", sgst_amount="45.01")

    assert lab_api.post(URL, bill(items=[said])).status_code == 201
    assert TestInvoice.objects.get().final_amount == Decimal("590.02")


@pytest.mark.parametrize(
    ("noisy", "meant"),
    [
        ("0.300000000004", "0.30"),
        # As Python and JavaScript write 0.1 + 0.2 and 1121.1 - 560.6.
        ("0.30000000000000004", "0.30"),
        ("560.4999999999999", "560.50"),
        ("1234567890.1000001", "1234567890.10"),
    ],
)
def test_the_noise_of_a_float_is_no_third_decimal(lab_api, noisy, meant):
    said = bill(items=[line(rate=noisy)], final_amount=noisy)

    assert lab_api.post(URL, said).status_code == 201
    assert TestInvoice.objects.get().final_amount == Decimal(meant)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("33.333333333333336", "NOT_PAISA_EXACT"),
        ("0.0049999999999999", "NOT_PAISA_EXACT"),
        ("1" * 16, "too_many_digits"),
        ("1" * 30 + ".0000000", "too_many_digits"),
    ],
)
def test_what_is_no_noise_is_told_as_what_it_is(lab_api, amount, code):
    response = lab_api.post(URL, bill(items=[line(rate=amount)]))

    assert response.status_code == 400
    assert codes(response) == [(code, "items[0].rate")]
    assert not TestInvoice.objects.exists()


@pytest.mark.parametrize(("roundoff", "status"), [("0.50", 201), ("-0.50", 201), ("0.51", 400)])
def test_the_round_off_has_a_limit(lab_api, roundoff, status):
    response = lab_api.post(URL, bill(roundoff=roundoff))

    assert response.status_code == status
    if status == 400:
        assert codes(response) == [("ROUNDOFF_TOO_LARGE", "roundoff")]


def test_a_quote_adds_up_and_writes_nothing(lab_api):
    body = lab_api.post(f"{URL}/quote", bill(items=[line(**TAXED)], overall_disc_amount=10)).json()

    # 475.00 + 42.75 + 42.75 - 10.00
    assert body["data"]["final_amount"] == 550.5
    assert body["data"]["items"][0]["total_amount"] == 560.5
    assert not TestInvoice.objects.exists()


def test_what_is_doubtful_is_a_warning_and_strict_labs_refuse_it(lab_api, lab):
    from health.models import LabSettings

    odd = {"invoice_number": "0/much-too-long-for-gst", "patient_phone": "12345"}
    odd |= {"recipient_gstin": "27AAPFU0939F1ZX", "surprise": 1}

    told = lab_api.post(URL, bill(**odd)).json()["data"]["warnings"]
    LabSettings.objects.create(tenant=lab, strict_gst=True)
    refused = lab_api.post(URL, bill(**odd | {"invoice_number": "1/also-too-long-for-gst"}))

    assert [w["code"] for w in told] == [
        "INVALID_INVOICE_NUMBER",
        "INVALID_PHONE",
        "INVALID_GSTIN",
        "UNKNOWN_FIELD",
    ]
    assert [code for code, _ in codes(refused)] == ["INVALID_INVOICE_NUMBER", "INVALID_GSTIN"]
