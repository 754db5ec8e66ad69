"""The laboratory's part of the demo: bills are posted, paid, cancelled; the books stay even."""

from decimal import Decimal
from typing import Any

from rich.console import Console

from config.demo_story import plain_table
from config.demo_wire import Json, Office, Trouble

LAB = "/api/v1/health"


def bill(number: str, **more: Any) -> Json:
    """Two lines of 500.00 less 5 %, with 9 % CGST and 9 % SGST, and half a rupee of round-off."""
    taxed = {"rate": 500, "disc_percentage": 5, "cgst_rate": 9, "sgst_rate": 9}
    return {
        "invoice_number": number,
        "patient_name": "John Doe",
        "patient_phone": "9876543210",
        "roundoff": 0.5,
        "final_amount": 1121.5,
        "status": "POSTED",
        "items": [
            {"line_no": 1, "test_id": 10, "test_name": "Blood Test", **taxed},
            {"line_no": 2, "panel_id": 5, "panel_name": "Diabetes Panel", **taxed},
        ],
        **more,
    }


def keep_books(console: Console, office: Office) -> bool:
    """Do it and print it; whether every answer and the trial balance are as they must be."""
    table = plain_table("The laboratory", "invoice", "what", "answer", "the books")
    even = True
    for what, number, answer in _story(office):
        balance = _trial_balance(office)
        even &= balance["debit"] == balance["credit"]
        table.add_row(number, what, answer, f"Dr {balance['debit']} = Cr {balance['credit']}")
    console.print(table)
    sign = "[green]✓[/]" if even else "[red]✗[/]"
    console.print(f"  {sign} debits and credits of every account are equal after every step")
    return even


def _story(office: Office) -> Any:
    first = _data(office, "POST", "/testinvoices", bill("LAB-1"))
    yield "a bill of 1,121.50, posted", "LAB-1", first["voucher_number"]
    paid = {"amount": "560.75", "payment_mode": "CASH"}
    receipt = _data(office, "POST", f"/testinvoices/{first['id']}/payments", paid)
    yield "half of it paid in cash", "LAB-1", receipt["voucher_number"]
    second = _data(office, "POST", "/testinvoices", bill("LAB-2"))
    _data(office, "POST", f"/testinvoices/{second['id']}/cancel", {"reason": "entered twice"})
    yield "billed twice, cancelled by a reversal", "LAB-2", second["voucher_number"]
    wrong = office.call("POST", f"{LAB}/testinvoices", bill("LAB-3", final_amount=1121.51))
    yield "a paisa too much", "LAB-3", f"{wrong.status_code} {wrong.json()['errors'][0]['code']}"


def _data(office: Office, method: str, path: str, body: Json) -> Json:
    answer = office.call(method, f"{LAB}{path}", body)
    if not answer.ok:
        raise Trouble(f"{method} {path} answered {answer.status_code}: {answer.text[:200]}")
    return answer.json().get("data", {})


def _trial_balance(office: Office) -> dict[str, Decimal]:
    totals = office.get(f"{LAB}/reports/trial-balance")["data"]["totals"]
    return {side: Decimal(str(totals[side])).quantize(Decimal("0.01")) for side in totals}
