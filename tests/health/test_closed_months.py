"""What was told of a month that is closed stays told, whatever happens to its bills afterwards."""

from datetime import date
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from health.models import GivenUpNumber, LabSettings, Payment, TestInvoice
from health.report import Question
from health.reports import REPORTS, report_of
from health.services.days import today
from health.services.locks import lock_period
from tests.health.books import everything
from tests.health.conftest import API, URL, bill, line
from tests.health.test_admin import signed_in
from tests.health.test_admin_work import act

JANUARY = date(2024, 1, 1), date(2024, 1, 31)
FEBRUARY = date(2024, 2, 1), date(2024, 2, 29)
# These tell how things stand now: what is owed, what was paid until now, what waits.
OF_TODAY = {"ageing", "owed", "paid-bills", "days-to-pay", "unposted"}
# So do these columns.
STATE = {
    "bills": {"payment status", "credited", "paid", "balance"},
    "branches": {"credited", "paid", "balance"},
    "receipts": {"refunded", "bounced", "kept"},
}


def told(lab, name: str, span: tuple[date, date] = JANUARY) -> list[list[str]]:
    only = {"bills": {"status": "POSTED"}, "ledger": {"account": "1100-AR"}}.get(name, {})
    report = report_of(lab, name, Question(*span, only))
    kept = [p for p, column in enumerate(report.head) if column not in STATE.get(name, ())]
    return [[str(row[place]) for place in kept] for row in report.rows]


def everything_told(lab, span: tuple[date, date] = JANUARY) -> dict[str, list[list[str]]]:
    return {name: told(lab, name, span) for name in REPORTS.keys() - OF_TODAY}


@pytest.fixture
def january(lab, lab_api) -> SimpleNamespace:
    """Bills, money and drafts of January 2024, which is closed since."""
    LabSettings.objects.create(tenant=lab, allow_zero=True)
    taxed = {"cgst_rate": 9, "sgst_rate": 9}

    def made(status: str = "POSTED", rate: int = 1000, **more: Any) -> str:
        said = bill(items=[line(rate=rate, **taxed)], invoice_date="2024-01-10T10:00:00", **more)
        return f"{URL}/{lab_api.post(URL, said | {'status': status}).json()['data']['id']}"

    def paid(page: str, mode: str, amount: str = "1180.00") -> str:
        said = {"amount": amount, "payment_mode": mode, "date": "2024-01-20"}
        return f"{API}/payments/{lab_api.post(f'{page}/payments', said).json()['data']['id']}"

    names = ("owing", "returned", "paid", "by_cheque", "offered")
    of = {name: made(patient_id=45) for name in names}
    drafts = [made("DRAFT") for _ in range(5)]
    free = made("DRAFT", rate=0)
    numbers = [made("DRAFT", invoice_number=f"V-{n}") for n in (1, 2)]
    money = {
        "cash": paid(of["paid"], "CASH", "1300.00"),
        "cheque": paid(of["by_cheque"], "CHEQUE"),
        "upi": paid(of["offered"], "UPI"),
        "card": paid(of["offered"], "CARD"),
    }
    lock_period(lab, upto=JANUARY[1], scope="ALL", reason="filed", actor="t")
    return SimpleNamespace(**of, **money, drafts=drafts, free=free, numbers=numbers, made=made)


def test_no_report_of_a_closed_month_changes_whatever_happens_later(january, lab, lab_api):
    """Everything that may still be done to a bill, a draft or a payment of January is done."""
    before = everything_told(lab)
    assert sum(map(len, before.values())) > 40
    one, two, three, four, five = january.drafts
    why = {"reason": "x", "date": "2024-02-10"}
    owing = int(january.owing.rpartition("/")[2])
    moved = {"invoice_date": "2024-02-05T10:00:00"}
    done = (
        ("post", f"{january.owing}/credit-notes", why | {"items": [{"line_no": 1,
                                                                    "taxable_amount": 200}]}),
        ("post", f"{january.returned}/credit-notes", why),
        ("put", january.owing, {"notes": "called", "due_date": "2024-03-01"}),
        ("post", f"{january.cheque}/reverse", why),
        ("post", f"{january.upi}/confirm", None),
        ("post", f"{january.card}/fail", {"reason": "declined"}),
        ("post", f"{january.cash}/allocate", {"invoice_id": owing, "amount": "20.00",
                                              "date": "2024-02-10"}),
        ("post", f"{january.cash}/refund", why | {"amount": "100.00", "payment_mode": "UPI"}),
        ("post", f"{january.cash}/release", {"invoice_id": owing, "date": "2024-02-11"}),
        ("post", URL, bill(status="POSTED", **moved)),
        ("post", URL, bill(invoice_date="2024-01-31T10:00:00")),
        ("post", f"{one}/cancel", {"reason": "typed twice"}),
        ("put", two, {"status": "CANCELLED"}),
        ("delete", three, None),
        ("put", four, moved | {"status": "POSTED"}),
        ("put", five, {"items": [line(rate=7)]}),
        ("put", five, {"invoice_date": "2024-04-02T10:00:00"}),
        ("delete", january.numbers[0], None),
        ("put", january.numbers[1], {"invoice_number": "V-3"}),
    )  # fmt: skip

    for step, (method, path, said) in enumerate(done, 1):
        answer = getattr(lab_api, method)(path, said)
        assert answer.status_code < 300, (path, answer.content)
        if step % 4 == 0 or step == len(done):
            after = everything_told(lab)
            assert after == before, (step, [n for n in after if after[n] != before[n]])

    # And other months have it.
    assert told(lab, "collections", FEBRUARY) == [
        ["CHEQUE", "0", "0.00", "0.00", "1180.00", "-1180.00"],
        ["UPI", "0", "0.00", "100.00", "0.00", "-100.00"],
    ]
    assert told(lab, "bounced", FEBRUARY)[0][0] == "2024-02-10"
    days = {row[0]: row[7] for row in told(lab, "revenue-by-day", FEBRUARY)}
    assert days["2024-02-10"] == "1180.00"
    now = today(lab)
    # The drafts that were put away and the one that has another year's number.
    assert told(lab, "document-series", (now, now)) == [
        ["Invoices", "V-", "V-1", "V-1", "1", "1", "0"],
        ["Invoices", "LAB/2324/", "LAB/2324/000006", "LAB/2324/000010", "4", "4", "0"],
    ]


@pytest.mark.parametrize("scope", ["ALL", "TAX"])
def test_a_bill_of_a_closed_month_is_not_cancelled_but_credited(lab, lab_api, scope):
    said = bill(status="POSTED", invoice_date="2024-01-10T10:00:00")
    pk = lab_api.post(URL, said).json()["data"]["id"]
    money = {"amount": "500", "payment_mode": "CASH", "date": "2024-01-10"}
    assert lab_api.post(f"{URL}/{pk}/payments", money).status_code == 201
    payment = Payment.objects.get().pk
    lock_period(lab, upto=JANUARY[1], scope=scope, reason="filed", actor="t")
    held = everything()

    whole = {"reason": "x", "release_payments": True}
    for answer in (
        lab_api.post(f"{URL}/{pk}/cancel", whole),
        lab_api.post(f"{URL}/{pk}/cancel", whole | {"date": "2024-02-01"}),
    ):
        assert answer.status_code == 409
        [error] = answer.json()["errors"]
        assert (error["code"], error["field"]) == ("PERIOD_LOCKED", "date")
        assert "2024-01-31" in error["message"]
        assert "credit it instead" in error["message"]
        assert "2024-01-31" in error["message_ar"]
    assert everything() == held

    freed = {"invoice_id": pk, "date": "2024-02-01"}
    assert lab_api.post(f"{API}/payments/{payment}/release", freed).status_code == 200
    held = everything()
    by_put = lab_api.put(f"{URL}/{pk}", {"status": "CANCELLED", "notes": "x"})
    assert (by_put.status_code, by_put.json()["errors"][0]["code"]) == (409, "PERIOD_LOCKED")
    office = act(signed_in(lab, "accountant", "asha"), "cancel_selected", pk, confirmed="yes",
                 reason="x")  # fmt: skip
    assert "credit it instead" in office.content.decode()
    with pytest.raises(IntegrityError, match="closed month"), transaction.atomic():
        TestInvoice.objects.filter(pk=pk).update(status="CANCELLED")
    assert everything() == held
    assert lab_api.post(f"{URL}/{pk}/credit-notes", {"reason": "x"}).status_code == 201


def test_a_number_that_stands_on_no_bill_counts_as_cancelled(lab, lab_api):
    """Of five drafts of one month one is put away, one cancelled and one posted for nothing."""
    LabSettings.objects.create(tenant=lab, allow_zero=True)

    def made(**more: Any) -> str:
        said = bill(invoice_date="2024-01-10T10:00:00", **more)
        return f"{URL}/{lab_api.post(URL, said).json()['data']['id']}"

    _, away, off, _ = (made(status=status) for status in ("POSTED", "DRAFT", "DRAFT", "POSTED"))
    free = made(status="POSTED", items=[line(rate=0)])
    lab_api.delete(away)
    for page in (off, free):
        assert lab_api.post(f"{page}/cancel", {"reason": "x"}).status_code == 200

    series = ["Invoices", "LAB/2324/", "LAB/2324/000001", "LAB/2324/000005", "5", "3", "2"]
    assert told(lab, "document-series") == [series]

    # As from before such numbers were written down.
    rows = list(GivenUpNumber.objects.order_by("number").values_list("number", "date", "tenant"))
    migration = import_module("health.migrations.0004_given_up_numbers")
    migration.write_down_those_before(apps, None)
    again = GivenUpNumber.objects.order_by("id").values_list("number", "date", "tenant")
    assert list(again[3:]) == rows


def test_a_draft_that_moves_to_another_year_has_its_number_there(lab, lab_api):
    said = bill(invoice_date="2026-03-31T10:00:00")
    moved, by_hand, renamed = (
        lab_api.post(URL, said | more).json()["data"]["id"]
        for more in ({}, {"invoice_number": "LAB/2526/7"}, {})
    )
    april = {"invoice_date": "2026-04-02T10:00:00"}

    for pk, more in ((moved, {}), (by_hand, {}), (renamed, {"invoice_number": "V-1"})):
        assert lab_api.put(f"{URL}/{pk}", april | more).status_code == 200
    lab_api.put(f"{URL}/{moved}", {"invoice_date": "2026-04-03T10:00:00", "notes": "x"})

    numbers = dict(TestInvoice.objects.values_list("pk", "invoice_number"))
    assert numbers == {moved: "LAB/2627/000001", by_hand: "LAB/2526/7", renamed: "V-1"}
    changes = lab_api.get(f"{URL}/{moved}/history").json()["data"]
    was, now = next((row["before"], row["after"]) for row in changes if row["before"])
    both = was["invoice_number"], now["invoice_number"]
    assert both == ("LAB/2526/000001", "LAB/2627/000001")
    given_up = GivenUpNumber.objects.values_list("number", "date")
    day = date(2026, 3, 31)
    assert set(given_up) == {("LAB/2526/000001", day), ("LAB/2526/000002", day)}
    assert lab_api.post(f"{URL}/{moved}/post").status_code == 200
