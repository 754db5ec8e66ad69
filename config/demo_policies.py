"""The policies' part of the demo: bound with an invoice, with a late one, and after a repair."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from rich.console import Console

from config.demo_story import plain_table
from config.demo_wire import Json, Office, Trouble, Wire

ENTRY = "/api/triton/transaction"
ENVIRONMENT, PRODUCER, UNDERWRITER = "ims_demo", "pat.reed@example.com", "Casey Morgan"
UNKNOWN = "p.reed@reed-agency.example"
# Of the stand-in alone; it stands in its source.
USER, PASSWORD = "standin", "c3RhbmQtaW4="
ATTEMPTS, WAIT, PATIENCE = 3, 1, 40
Manage = Callable[..., str]


class StandIn(Wire):
    """The stand-in IMS's control: what it holds, and how it shall behave."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        scheme, _, rest = base_url.partition("://")
        super().__init__(f"{scheme}://{rest.partition('/')[0]}")

    def turn(self, **knobs: Any) -> None:
        self.call("POST", "/control/knobs", knobs).raise_for_status()

    def counts(self) -> dict[str, int]:
        return self.get("/control/counts")


def write_down(manage: Manage, ims: StandIn, folder: Path) -> None:
    """Environment, source, office and lines, as an operator writes them down."""
    [office] = ims.get("/control/offices")
    lines = [
        {
            "kind": "excess" if line["name"] == "Excess" else "primary",
            "name": line["name"],
            "line_guid": line["line_guid"],
            "company_location": line["company_location"],
            "office": office["name"],
            "company_commission": "0.30",
            "producer_commission": "0.20",
        }
        for line in ims.get("/control/company-lines")
    ]
    document = {
        "environment": {
            "name": ENVIRONMENT,
            "base_url": ims.base_url,
            "user_name": USER,
            "invoice_attempts": ATTEMPTS,
            "invoice_wait_seconds": WAIT,
        },
        "sources": [{"name": "triton"}],
        "offices": [office],
        "lines": lines,
    }
    _set_up(manage, folder, document)


def bind_policies(
    console: Console, office: Office, ims: StandIn, manage: Manage, folder: Path
) -> bool:
    """Do it and print it; whether every answer is as it must be and IMS holds each once."""
    table = plain_table("Policies through IMS", "policy", "what", "answer", "invoice")
    as_expected = True
    for policy, what, answer, invoice, fits in _story(office, ims, manage, folder):
        as_expected &= fits
        table.add_row(policy, what, answer, invoice)
    console.print(table)
    held = ims.counts()
    bound = all(held[kind] == 3 for kind in ("insured", "submission", "policy", "invoice"))
    once = bound and held["endorsement"] == 1 and held["quote"] == 4
    sign = "[green]✓[/]" if once else "[red]✗[/]"
    console.print(f"  {sign} IMS holds 3 policies, 3 invoices and 1 endorsement: each exactly once")
    return as_expected and once


Row = tuple[str, str, str, str, bool]


def _story(office: Office, ims: StandIn, manage: Manage, folder: Path) -> Iterator[Row]:
    answer = office.call("POST", f"{ENTRY}/new", bind(1))
    yield _row("POL-1", "bound and issued, the invoice in the answer", answer, "completed", True)
    # Both rounds of the request pass before IMS has it.
    ims.turn(invoice_after=2 * ATTEMPTS)
    answer = office.call("POST", f"{ENTRY}/new", bind(2))
    yield _row("POL-2", "bound, but IMS makes its invoice late", answer, "completed", False)
    ims.turn(invoice_after=0)
    manage("retrieve_invoice_numbers", "--policies", "POL-2")
    answer = office.call("GET", f"{ENTRY}/{bind(2)['transaction_id']}")
    yield _row("POL-2", "retrieve_invoice_numbers finds it", answer, "completed", True)
    yield from _repair(office, manage, folder)


def _repair(office: Office, manage: Manage, folder: Path) -> Iterator[Row]:
    refused = bind(3, producer_email=UNKNOWN)
    answer = office.call("POST", f"{ENTRY}/new", refused)
    yield _row("POL-3", "its producer is unknown in IMS", answer, "needs_attention", False)
    change = endorsement(3)
    answer = office.call("POST", f"{ENTRY}/new", change)
    yield _row("POL-3", "an endorsement waits for it", answer, "blocked", False)
    alias = {"written": UNKNOWN, "email": PRODUCER}
    _set_up(manage, folder, {"environment": {"name": ENVIRONMENT}, "producer_aliases": [alias]})
    manage("ims_replay", "--failed")
    answer = office.call("GET", f"{ENTRY}/{refused['transaction_id']}")
    yield _row("POL-3", "an alias mends it, ims_replay goes on", answer, "completed", True)
    answer = _settled(office, change["transaction_id"])
    yield _row("POL-3", "and the endorsement follows by itself", answer, "completed", False)


def _row(policy: str, what: str, answer: Any, status: str, billed: bool) -> Row:
    body = answer.json()
    if "ims_details" not in body:
        raise Trouble(f"{policy}: {answer.status_code} {answer.text[:200]}")
    number, code = body["ims_details"]["invoice_number"], body.get("error", {}).get("code")
    is_expected = body["data"]["invoice_status"] != "not_expected"
    invoice = number or ("none yet" if is_expected else "none expected")
    said = " ".join(filter(None, (str(answer.status_code), body["status"], code)))
    return policy, what, said, invoice, body["status"] == status and bool(number) == billed


def _settled(office: Office, transaction_id: str) -> Any:
    """The answer once the worker is done with it."""
    deadline = monotonic() + PATIENCE
    while True:
        answer = office.call("GET", f"{ENTRY}/{transaction_id}")
        if answer.json().get("status") == "completed" or monotonic() > deadline:
            return answer
        sleep(0.5)


def bind(number: int, **more: Any) -> Json:
    """A primary policy for one year from tomorrow."""
    today = datetime.now(UTC)
    begins = today + timedelta(days=1)
    return {
        "transaction_id": _guid(number * 10),
        "transaction_type": "bind",
        "transaction_date": (today - timedelta(minutes=5)).isoformat(),
        "opportunity_id": 160040 + number,
        "policy_number": f"POL-{number}",
        "opportunity_type": "New",
        "effective_date": f"{begins:%m/%d/%Y}",
        "expiration_date": f"{begins + timedelta(days=365):%m/%d/%Y}",
        "insured_name": f"Palm Grove Care {number} LLC",
        "address_1": f"{number} Orchard Lane",
        "city": "Detroit",
        "state": "MI",
        "insured_state": "MI",
        "insured_zip": "48226",
        "producer_email": PRODUCER,
        "underwriter_name": UNDERWRITER,
        "program_name": "Home Care",
        "market_segment_code": "WL",
        "gross_premium": 5000,
        "net_premium": 4000,
        "commission_rate": 20.0,
        "commission_percent": 30.0,
        "terms": 30,
        **more,
    }


def endorsement(number: int) -> Json:
    """A change that costs nothing, so that there is no invoice for it."""
    begins = datetime.now(UTC) + timedelta(days=1)
    return {
        "transaction_id": _guid(number * 10 + 1),
        "prior_transaction_id": _guid(number * 10),
        "transaction_type": "midterm_endorsement",
        "transaction_date": datetime.now(UTC).isoformat(),
        "opportunity_id": 160040 + number,
        "midterm_endt_id": 6300 + number,
        "midterm_endt_effective_from": f"{begins + timedelta(days=30):%Y-%m-%d}",
        "midterm_endt_premium": 0,
        "midterm_endt_description": "Another name",
    }


def _set_up(manage: Manage, folder: Path, document: Json) -> None:
    path = folder / "ims.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    manage("ims_setup", str(path), "--tenant", "1")


def _guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"
