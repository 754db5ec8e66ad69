"""A draft is judged again when it is posted, and not when somebody only writes a note on it."""

import pytest
from django.db import connection

from health.models import LabSettings, NumberSeries, TestInvoice, Voucher
from tests.health.conftest import URL, bill, line
from tests.health.test_life import made


@pytest.mark.parametrize(
    ("option", "said", "code"),
    [
        ("strict_gst", {"invoice_number": "much-too-long-for-gst"}, "INVALID_INVOICE_NUMBER"),
        ("strict_phone", {"patient_phone": "12345"}, "INVALID_PHONE"),
        ("strict_roundoff", {"roundoff": "0.50"}, "TOTALS_MISMATCH"),
        ("strict_masters", {"test_order_id": 9}, "UNKNOWN_REFERENCE"),
    ],
)
def test_what_the_laboratory_has_become_strict_about(lab, lab_api, option, said, code):
    pk = made(lab_api, **({"items": [line(test_id=None)]} | said))
    LabSettings.objects.create(tenant=lab, **{option: True})

    for refused in (
        lab_api.post(f"{URL}/{pk}/post"),
        lab_api.put(f"{URL}/{pk}", {"status": "POSTED"}),
    ):
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, code)
    assert not Voucher.objects.exists()

    assert lab_api.put(f"{URL}/{pk}", {"notes": "call back", "tags": ["x"]}).status_code == 200
    kept = TestInvoice.objects.get()
    assert (kept.status, kept.notes, kept.version) == ("DRAFT", "call back", 2)


@pytest.mark.parametrize("mode", ["POST_TAX", "PRE_TAX"])
def test_what_was_accepted_is_accepted_again(lab_api, mode):
    """An odd paisa of the caller's, and a discount that lines share."""
    odd = {"cgst_rate": 9, "sgst_rate": 9, "cgst_amount": "2.99", "sgst_amount": "2.99"}
    lines = [line(rate="33.33", **odd), line(line_no=2, rate="0.01"), line(line_no=3, rate=0)]
    said = bill(items=lines, roundoff="0.30", discount_mode=mode, overall_disc_amount="0.02")
    pk = lab_api.post(URL, said).json()["data"]["id"]

    answer = lab_api.post(f"{URL}/{pk}/post")

    assert answer.status_code == 200, answer.content


def test_a_draft_whose_header_is_not_its_lines_is_not_posted(lab_api):
    """Whoever may write drafts by SQL has no bill of it posted."""
    pk = made(lab_api)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE test_invoices SET taxable_amount = 90000, final_amount = 90000")
    numbers = list(NumberSeries.objects.values_list("key", "last"))

    for refused in (
        lab_api.post(f"{URL}/{pk}/post"),
        lab_api.put(f"{URL}/{pk}", {"status": "POSTED"}),
    ):
        found = [(e["field"], e["code"], e["expected"], e["got"]) for e in refused.json()["errors"]]
        assert (refused.status_code, found) == (
            400,
            [
                ("taxable_amount", "TOTALS_MISMATCH", "500.00", "900.00"),
                ("final_amount", "TOTALS_MISMATCH", "500.00", "900.00"),
            ],
        )

    assert TestInvoice.objects.get().status == "DRAFT"
    assert not Voucher.objects.exists()
    assert list(NumberSeries.objects.values_list("key", "last")) == numbers
