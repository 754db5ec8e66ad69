"""The reports add up to the books, in JSON and CSV, and hold nothing of another tenant."""

from datetime import date

import pytest

from health.services.days import today
from health.services.locks import lock_period
from tests.conftest import client_of
from tests.health.conftest import URL, bill, line, sample_of

REPORTS = "/api/v1/health/reports"
YEAR = {"date_from": "2024-01-01", "date_to": "2024-12-31"}


@pytest.fixture
def books(lab_owner, reference):
    """D2's sample, half paid; an exempt bill; a draft. All of January 2024."""
    sample = sample_of(reference)
    pk = lab_owner.post(URL, sample).json()["data"]["id"]
    paid = {"amount": "560.75", "payment_mode": "CASH", "date": "2024-01-20"}
    lab_owner.post(f"{URL}/{pk}/payments", paid)
    dated = {"invoice_date": "2024-01-31T23:59:59", "patient_name": "Jane Roe"}
    lab_owner.post(URL, bill(**dated, status="POSTED", items=[line(rate=200)]))
    lab_owner.post(URL, bill(**dated, items=[line(rate=50)]))
    return lab_owner


def report(api, name: str, **query) -> dict:
    return api.get(f"{REPORTS}/{name}", YEAR | query).json()["data"]


def test_the_trial_balance_is_even(books):
    data = report(books, "trial-balance")

    assert [(row[0], row[3], row[4]) for row in data["rows"]] == [
        ("1010-CASH", 560.75, 0),
        ("1100-AR", 760.75, 0),
        ("2310-GST-CGST-OUT", 0, 85.5),
        ("2320-GST-SGST-OUT", 0, 85.5),
        ("4300-DIAGNOSTIC", 0, 1150),
        ("5900-ROUND-OFF", 0, 0.5),
    ]
    assert data["totals"] == {"debit": 1321.5, "credit": 1321.5}


def test_what_is_owed_is_aged_by_due_date_and_net_of_payments(books):
    data = report(books, "ageing", date_to="2024-03-01")

    assert data["columns"] == [
        "patient", "patient id", "not due", "1-30", "31-60", "61-90", "over 90", "total",
    ]  # fmt: skip
    # The sample is due on 15 February; the other, without a due date, on its own day.
    assert data["rows"] == [
        ["Jane Roe", "", 0, 200, 0, 0, 0, 200],
        ["John Doe", "45", 0, 560.75, 0, 0, 0, 560.75],
    ]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (
            "revenue",
            [
                ["Blood Test", "test", 2, 700, 25, 0, 675],
                ["Diabetes Panel", "panel", 1, 500, 25, 0, 475],
            ],
        ),
        ("collections", [["CASH", 1, 560.75, 0, 0, 560.75]]),
        (
            "gst-summary",
            [["B2C", "18.000", 950, 85.5, 85.5, 0, 0], ["NIL/EXEMPT", "0.000", 200, 0, 0, 0, 0]],
        ),
        ("integrity", []),
    ],
)
def test_a_report_tells_what_happened(books, name, rows):
    assert report(books, name)["rows"] == rows


def test_drafts_wait_and_the_day_book_has_every_voucher(books):
    [draft] = report(books, "unposted")["rows"]
    assert (draft[0], draft[2], draft[4]) == ("2024-01-31", "Jane Roe", 50)
    assert [row[1] for row in report(books, "day-book")["rows"]] == [
        "TINV202401150001",
        "REC202401200001",
        "TINV202401310001",
    ]


def test_csv_is_the_same_and_harmless(books):
    books.post(URL, bill(status="POSTED", items=[line(test_name="=1+1")]))

    answer = books.get(f"{REPORTS}/revenue", {"date_from": "2024-01-01", "format": "csv"})

    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="revenue.csv"'
    lines = answer.getvalue().decode().splitlines()
    assert lines[0] == "test or panel,kind,count,gross,discount,credited,net"
    assert "'=1+1,test,1,500.00,0.00,0.00,500.00" in lines


def test_another_tenant_has_other_books_and_unknown_reports_are_not_there(books, najd):
    other = client_of(najd)

    assert report(other, "trial-balance")["rows"] == []
    assert other.get(f"{REPORTS}/secrets").status_code == 404
    assert other.get(f"{REPORTS}/ageing", {"date_to": "soon"}).status_code == 400


def test_documents_are_counted_by_series(lab_api):
    for number, status in (
        ("A/9", "POSTED"),
        ("A/10", "POSTED"),
        ("A/11", "DRAFT"),
        ("B", "POSTED"),
    ):
        said = bill(invoice_number=number, status=status, invoice_date="2024-02-01T09:00:00")
        pk = lab_api.post(URL, said).json()["data"]["id"]
        if number == "A/9":
            lab_api.post(f"{URL}/{pk}/cancel", {"reason": "twice", "date": "2024-02-02"})
    credit = {"reason": "x", "date": "2024-02-02", "items": [{"line_no": 1, "taxable_amount": 5}]}
    for _ in range(2):
        lab_api.post(f"{URL}/{pk}/credit-notes", credit)

    assert report(lab_api, "document-series")["rows"] == [
        ["Invoices", "B", "B", "B", 1, 0, 1],
        ["Invoices", "A/", "A/9", "A/10", 2, 1, 1],
        ["Credit notes", "CN/2324/", "CN/2324/000001", "CN/2324/000002", 2, 0, 2],
    ]


def test_money_given_back_stands_at_its_own_mode_and_in_its_own_month(lab_owner):
    """Received in cash in January, given back by transfer in March."""
    dated = {"invoice_date": "2024-01-15T10:00:00", "status": "POSTED"}
    pk = lab_owner.post(URL, bill(**dated)).json()["data"]["id"]
    money = {"amount": "700", "payment_mode": "CASH", "date": "2024-01-20"}
    payment = lab_owner.post(f"{URL}/{pk}/payments", money).json()["data"]["id"]
    back = {"amount": "200", "payment_mode": "NEFT", "date": "2024-03-01", "reason": "too much"}
    assert lab_owner.post(f"/api/v1/health/payments/{payment}/refund", back).status_code == 201

    def collected(first: str, last: str) -> list:
        return report(lab_owner, "collections", date_from=first, date_to=last)["rows"]

    assert collected("2024-01-01", "2024-01-31") == [["CASH", 1, 700, 0, 0, 700]]
    assert collected("2024-03-01", "2024-03-31") == [["NEFT", 0, 0, 200, 0, -200]]
    assert collected("2024-01-01", "2024-12-31") == [
        ["CASH", 1, 700, 0, 0, 700],
        ["NEFT", 0, 0, 200, 0, -200],
    ]


def test_who_has_no_gstin_that_holds_is_no_registered_recipient(lab_api):
    """GSTR-1 takes no B2B row whose GSTIN has a wrong check digit."""
    taxed = {"items": [line(cgst_rate=9, sgst_rate=9)], "status": "POSTED"}
    taxed["invoice_date"] = "2024-01-15T10:00:00"
    for gstin in ("27AAPFU0939F1ZV", "27AAPFU0939F1ZX", ""):
        assert lab_api.post(URL, bill(**taxed, recipient_gstin=gstin)).status_code == 201

    assert [row[:3] for row in report(lab_api, "gst-summary")["rows"]] == [
        ["B2B", "18.000", 500],
        ["B2C", "18.000", 1000],
    ]
    assert [row[5] for row in report(lab_api, "lines")["rows"]] == ["B2B", "B2C", "B2C"]


def test_a_line_without_a_sac_has_the_laboratorys_own(lab_api):
    items = [line(), line(line_no=2, sac="998346")]
    pk = lab_api.post(URL, bill(items=items)).json()["data"]["id"]

    data = lab_api.get(f"{URL}/{pk}").json()["data"]

    assert [item["sac"] for item in data["items"]] == ["999316", "998346"]


def test_what_a_gateway_confirms_after_the_close_changes_no_closed_month(books, lab):
    pk = books.get(f"{URL}?search=Jane+Roe&status=POSTED").json()["data"][0]["id"]
    said = {"amount": "100.00", "payment_mode": "UPI", "date": "2024-01-31"}
    payment = books.post(f"{URL}/{pk}/payments", said).json()["data"]["id"]
    lock_period(lab, upto=date(2024, 1, 31), scope="ALL", reason="closed", actor="t")
    names = ("collections", "receipts", "revenue-by-day")
    before = [report(books, name) for name in names]

    assert books.post(f"/api/v1/health/payments/{payment}/confirm").status_code == 200

    assert [report(books, name) for name in names] == before
    now = str(today(lab))
    found = [report(books, name, date_from=now, date_to=now)["rows"] for name in names]
    assert found[0] == [["UPI", 1, 100, 0, 0, 100]]
    assert [(row[0], row[6]) for row in found[1]] == [(now, 100)]
    assert [(row[0], row[5]) for row in found[2]] == [(now, 100)]
