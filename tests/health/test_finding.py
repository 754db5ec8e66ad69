"""How bills are found (D2 and health.md 1.4), and what else a row and a document tell."""

import re
from base64 import b64decode
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from PIL import Image

from health.models import LabSettings, TestOrder
from tests.health.conftest import API, URL, bill, line, sample_of
from tests.health.test_admin import signed_in
from tests.invoicing.printing.paper import scanned


@pytest.fixture
def three(lab_api):
    """Of 100.00, 500.00 and 2,000.00; the last one posted and due."""
    dated = {"invoice_date": "2024-01-15T10:00:00"}
    for number, rate, more in (
        ("A-1", 100, {"tags": ["routine", "عاجل"], "branch_id": 7}),
        ("A-2", 500, {"tags": ["rout"], "patient_phone": "+91 98765-43210"}),
        ("A-3", 2000, {"status": "POSTED", "due_date": "2024-02-15", "test_order_id": 9}),
    ):
        lab_api.post(URL, bill(invoice_number=number, items=[line(rate=rate)], **dated, **more))
    return lab_api


def test_a_parameter_narrows_the_list(three):
    for query, numbers in (
        ({"tag": "rout"}, ["A-2"]),
        ({"tag": "عاجل"}, ["A-1"]),
        ({"branch_id": 7}, ["A-1"]),
        ({"patient_phone": "09876543210"}, ["A-2"]),
        ({"min_amount": 500, "max_amount": "1999.99"}, ["A-2"]),
        ({"overdue": "true"}, ["A-3"]),
        ({"overdue": "false"}, ["A-2", "A-1"]),
        ({"due_before": "2024-02-15"}, []),
        ({"status": ["DRAFT", "POSTED"], "ordering": "final_amount"}, ["A-1", "A-2", "A-3"]),
        ({"date_from": "2024-01-16"}, []),
        ({"search": "john a-2"}, ["A-2"]),
        ({"test_order_id": 9}, ["A-3"]),
    ):
        answer = three.get(URL, query, headers={"Prefer": "handling=strict"})
        assert [row["invoice_number"] for row in answer.json()["data"]] == numbers, query


def test_overdue_goes_by_the_laboratorys_own_day(three):
    """20:00 of the 15th in UTC is the 16th in Kolkata."""
    late = datetime(2024, 2, 15, 20, tzinfo=UTC)
    with patch("health.filters.timezone.now", return_value=late):
        assert three.get(URL, {"overdue": "true"}).json()["total"] == 1


def test_what_owes_nothing_is_not_overdue(lab_api, lab):
    """A bill of nothing, one that was credited in full, and one that was paid."""
    LabSettings.objects.create(tenant=lab, allow_zero=True)
    due = {"invoice_date": "2024-01-15T10:00:00", "due_date": "2024-02-15", "status": "POSTED"}
    free, credited, paid, late = (
        lab_api.post(URL, bill(items=[line(rate=rate)], **due)).json()["data"]["id"]
        for rate in (0, 500, 500, 500)
    )
    lab_api.post(f"{URL}/{credited}/credit-notes", {"reason": "not done"})
    lab_api.post(f"{URL}/{paid}/payments", {"amount": "500", "payment_mode": "CASH"})

    def found(said: str) -> set[int]:
        return {row["id"] for row in lab_api.get(URL, {"overdue": said}).json()["data"]}

    assert (found("true"), found("false")) == ({late}, {free, credited, paid})
    accountant = signed_in(lab, "accountant", "asha")
    listed = accountant.get("/admin/health/testinvoice/", {"age": "late"}).content.decode()
    assert [pk for pk in (free, credited, paid, late) if f"testinvoice/{pk}/change" in listed] == [
        late
    ]


def test_a_parameter_that_says_nothing_sensible_is_refused_by_its_name(three, lab):
    masters, reports = f"{API}/patients", f"{API}/reports/bills"
    for at, query, field in (
        (URL, {"overdue": "maybe"}, "overdue"),
        (URL, {"include_items": "yes"}, "include_items"),
        (URL, {"patient_id": "45.7"}, "patient_id"),
        (URL, {"branch_id": "-1"}, "branch_id"),
        (URL, {"test_order_id": str(2**63)}, "test_order_id"),
        (URL, {"min_amount": "12.345"}, "min_amount"),
        (URL, {"max_amount": "1e3"}, "max_amount"),
        (URL, {"min_amount": "99999999999999"}, "min_amount"),
        (URL, {"min_amount": "2", "max_amount": "1.99"}, "max_amount"),
        (URL, {"date_from": "2024-02-01", "date_to": "2024-01-31"}, "date_to"),
        (URL, {"date_from": "15/01/2024"}, "date_from"),
        (masters, {"is_active": "perhaps"}, "is_active"),
        (masters, {"reference": "1.5"}, "reference"),
        (f"{API}/testorders", {"patient_id": "x"}, "patient_id"),
        (reports, {"date_from": "2024-02-01", "date_to": "2024-01-31"}, "date_to"),
        (reports, {"date_from": "2199-01-01"}, "date_from"),
    ):
        refused = three.get(at, query)
        assert refused.status_code == 400, query
        [error] = refused.json()["errors"]
        assert (error["field"], bool(error["message_ar"])) == (field, True), query
    assert three.get(reports, {"date_to": "2024-01-31"}).json()["data"]["date_from"] == "2024-01-01"
    text = signed_in(lab, "viewer", "vani").get(
        "/admin/health/voucher/reports/bills/", {"date_from": "2024-02-01", "date_to": "2024-01-31"}
    )
    assert "That is no period" in text.content.decode()


def test_a_row_names_its_order_and_its_lines_where_asked(three, lab):
    TestOrder.objects.create(tenant=lab, reference=9, number="ORD-9", status="SAMPLED")

    [row] = three.get(URL, {"test_order_id": 9, "include_items": "true"}).json()["data"]

    assert row["order"] == {"id": 9, "test_order_number": "ORD-9", "status": "SAMPLED"}
    assert [item["rate"] for item in row["items"]] == [2000]
    assert "items" not in three.get(URL).json()["data"][0]


def test_the_document_tells_its_voucher_money_and_credits(three):
    pk = three.get(URL, {"search": "A-3"}).json()["data"][0]["id"]
    three.post(f"{URL}/{pk}/payments", {"amount": "500", "payment_mode": "CASH"})
    part = {"reason": "less", "items": [{"line_no": 1, "taxable_amount": "10.00"}]}
    three.post(f"{URL}/{pk}/credit-notes", part)

    data = three.get(f"{URL}/{pk}").json()["data"]

    assert [(one["account"], one["debit"]) for one in data["voucher_lines"]] == [
        ("1100-AR", 2000),
        ("4300-DIAGNOSTIC", 0),
    ]
    assert [(one["mode"], one["amount"]) for one in data["payments"]] == [("CASH", 500)]
    assert [one["total_amount"] for one in data["credit_notes"]] == [10]
    assert (data["credited_amount"], data["balance_amount"], data["is_active"]) == (10, 1490, True)


def drawn(data_uri: str) -> Image.Image:
    """The picture that the SVG of a code draws: dark runs of modules, row by row."""
    svg = b64decode(data_uri.removeprefix("data:image/svg+xml;base64,")).decode()
    width = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    picture = Image.new("L", (width, width), 255)
    for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", svg):
        picture.paste(0, (int(x), int(y), int(x) + int(length), int(y) + 1))
    return picture.resize((width * 4, width * 4), Image.Resampling.NEAREST)


def test_the_document_says_its_amount_in_words_and_its_code_where_asked(lab_api, reference):
    pk = lab_api.post(URL, sample_of(reference)).json()["data"]["id"]
    plain = lab_api.get(f"{URL}/{pk}").json()["data"]
    coded = lab_api.get(f"{URL}/{pk}", {"include_barcode": "true"}).json()["data"]

    words = "Rupees One Thousand One Hundred Twenty-One and Fifty Paise Only"
    assert (plain["amount_in_words"], plain["qr_code"]) == (words, None)
    fact = "City Lab\nINV-2024-001\n2024-01-15\nINR 1121.50"
    assert scanned(drawn(coded.pop("qr_code"))) == [fact]
    assert coded == {name: value for name, value in plain.items() if name != "qr_code"}
    wrong = lab_api.get(f"{URL}/{pk}", {"include_barcode": "maybe"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "include_barcode")
