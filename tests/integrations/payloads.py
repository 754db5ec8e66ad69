"""Transactions of one policy, each with an id of its own, dated so that the stand-in takes them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tests.integrations.triton.payloads import FLAT, flat, nested

START = date.today() + timedelta(days=10)
END = START + timedelta(days=365)
_numbers = count(1)
PEOPLE = {
    "producer_email": "pat.reed@example.com",
    "producer_name": "Pat Reed",
    "underwriter_name": "Casey Morgan",
}
DATES = {"effective_date": f"{START:%m/%d/%Y}", "expiration_date": f"{END:%m/%d/%Y}"}
MIDDLE = {
    "endorsement": {"midterm_endt_effective_from": f"{START + timedelta(days=30):%Y-%m-%d}"},
    "cancellation": {
        "effective_date": DATES["effective_date"],
        "policy_cancellation_date": f"{START + timedelta(days=60):%Y-%m-%d}",
    },
}


def transaction(kind: str = "bind", **changes: Any) -> dict[str, Any]:
    """A flat payload with an id and a date later than those of the ones made before."""
    number = next(_numbers)
    own = {
        "transaction_id": str(UUID(int=number)),
        "transaction_date": (
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
        ).isoformat(),
    }
    own |= DATES | PEOPLE if kind == "bind" else MIDDLE.get(kind, {})
    if kind not in ("bind", "issue"):
        own["opportunity_id"] = FLAT["bind"]["opportunity_id"]
    return flat(kind, **own | changes)


def nested_transaction(kind: str = "binding", **changes: Any) -> dict[str, Any]:
    number = next(_numbers)
    when = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)).isoformat()
    own: dict[str, Any] = {"transaction_id": str(UUID(int=number)), "transaction_date": when}
    if kind == "binding":
        own |= {
            "effective_date": f"{START}",
            "expiration_date": f"{END}",
            "producer": {"first_name": "Pat", "last_name": "Reed"},
            "underwriter": {"name": "Casey Morgan"},
        }
    return nested(kind, **own | changes)
