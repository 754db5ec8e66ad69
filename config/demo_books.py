"""The laboratory's part of the demo: D2's sample is posted, half paid and credited in part."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rich.console import Console

from config.demo_story import plain_table
from config.demo_wire import Json, Office, Trouble

LAB = "/api/v1/health"
PAISA = Decimal("0.01")


def sample(number: str, **more: Any) -> Json:
    """What the document of the laboratory's API sends as its example, under a number."""
    return {
        "invoice_number": number,
        "invoice_date": "2024-01-15T10:30:00",
        "due_date": "2024-02-15",
        "test_order_id": 123,
        "patient_id": 45,
        "patient_name": "John Doe",
        "patient_phone": "9876543210",
        "subtotal_amount": 1000.00,
        "items_total_discount_amount": 50.00,
        "taxable_amount": 950.00,
        "cgst_amount": 85.50,
        "sgst_amount": 85.50,
        "overall_disc_percentage": 0,
        "overall_disc_amount": 0,
        "roundoff": 0.50,
        "final_amount": 1121.50,
        "status": "POSTED",
        "notes": "Regular checkup invoice",
        "tags": ["routine", "paid"],
        "items": [
            _line(1, test_id=10, test_name="Blood Test"),
            _line(2, panel_id=5, panel_name="Diabetes Panel"),
        ],
        **more,
    }


def _line(number: int, **what: Any) -> Json:
    """500.00 less 5 %, with 9 % CGST and 9 % SGST: 560.50."""
    return {
        "line_no": number,
        **what,
        "rate": 500.00,
        "disc_percentage": 5,
        "disc_amount": 25.00,
        "taxable_amount": 475.00,
        "cgst_rate": 9,
        "cgst_amount": 42.75,
        "sgst_rate": 9,
        "sgst_amount": 42.75,
        "total_amount": 560.50,
    }


def keep_books(console: Console, office: Office) -> bool:
    """Do it and print it; whether every answer and the trial balance are as they must be."""
    table = plain_table("The laboratory", "bill", "what", "answer", "debit = credit")
    as_expected = True
    for what, number, answer, expected in _story(office):
        totals = _trial_balance(office)["totals"]
        debit, credit = _exact(totals["debit"]), _exact(totals["credit"])
        as_expected &= debit == credit and answer == expected
        told = f"[green]✓[/] {answer}" if answer == expected else f"[red]✗[/] {answer}: {expected}?"
        books = f"{debit}" if debit == credit else f"[red]{debit} and {credit}[/]"
        table.add_row(number, what, told, books)
    console.print(table)
    _show_balance(console, _trial_balance(office))
    verdict = (
        "[green]✓[/] every answer as expected, debits and credits equal after every step"
        if as_expected
        else "[red]✗[/] an answer is not as expected, or the books are not even"
    )
    console.print(f"  {verdict}")
    return as_expected


def _story(office: Office) -> Iterator[tuple[str, str, str, str]]:
    """(what is done, to which bill, what was answered, what must be)."""
    number = "INV-2024-001"
    bill = _data(office, "POST", "/testinvoices", sample(number))
    page = f"/testinvoices/{bill['id']}"
    yield "the document's sample, posted", number, bill["voucher_number"], "TINV202401150001"
    paid = {"amount": "560.75", "payment_mode": "CASH", "date": "2024-01-20"}
    receipt = _data(office, "POST", f"{page}/payments", paid)
    yield "half of it paid in cash", number, receipt["voucher_number"], "REC202401200001"
    credit = {"reason": "panel not taken", "date": "2024-01-31", "items": [{"line_no": 2}]}
    note = _data(office, "POST", f"{page}/credit-notes", credit)
    told = f"{note['number']} {_exact(note['total_amount'])}"
    yield "its second line credited", number, told, "CN/2324/000001 560.50"
    state = _data(office, "GET", page)
    left = f"{state['payment_status']} {_exact(state['balance_amount'])}"
    yield "what is still owed", number, left, "PARTIAL 0.25"
    second = _data(office, "POST", "/testinvoices", sample("INV-2024-002"))
    cancelled = {"reason": "entered twice", "date": "2024-01-15"}
    after = _data(office, "POST", f"/testinvoices/{second['id']}/cancel", cancelled)
    yield "billed twice, cancelled by a reversal", "INV-2024-002", after["status"], "CANCELLED"
    wrong = office.call("POST", f"{LAB}/testinvoices", sample("INV-2024-003", final_amount=1121.51))
    refusal = f"{wrong.status_code} {wrong.json()['errors'][0]['code']}"
    yield "a paisa too much", "INV-2024-003", refusal, "400 TOTALS_MISMATCH"


def _show_balance(console: Console, report: Json) -> None:
    """The trial balance with its difference, which is nought."""
    table = plain_table("Trial balance", "account", "name", "debit", "credit")
    place = {column: report["columns"].index(column) for column in report["columns"]}
    for row in report["rows"]:
        debit, credit = (_exact(row[place[side]]) for side in ("debit", "credit"))
        if debit or credit:
            sides = (str(side) if side else "" for side in (debit, credit))
            table.add_row(str(row[place["account"]]), str(row[place["name"]]), *sides)
    debit, credit = (_exact(report["totals"][side]) for side in ("debit", "credit"))
    table.add_row("", f"difference {debit - credit}", str(debit), str(credit))
    console.print(table)


def _data(office: Office, method: str, path: str, body: Json | None = None) -> Json:
    answer = office.call(method, f"{LAB}{path}", body)
    if not answer.ok:
        raise Trouble(f"{method} {path} answered {answer.status_code}: {answer.text[:200]}")
    return answer.json().get("data", {})


def _trial_balance(office: Office) -> Json:
    return office.get(f"{LAB}/reports/trial-balance")["data"]


def _exact(amount: Any) -> Decimal:
    return Decimal(str(amount)).quantize(PAISA)
