"""A queue like the one whose run was published: 624 transactions, and why they failed there.

Only 17 binds came through; of the other 607 half were dependants of a bind that had failed. The
reasons are the published ones, the names and numbers invented.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integrations.conftest import Desk
from tests.integrations.payloads import DATES, PEOPLE, START
from tests.integrations.triton.payloads import FLAT

# Binds by what became of them, and how many follow them.
BINDS = {
    "ok": 17,
    "producer": 125,
    "backdated": 116,
    "line": 58,
    "underwriter": 9,
    "zero_net": 2,
}
FOLLOWERS = {"issue": 267, "endorsement": 23, "cancellation": 4, "reinstatement": 3}
LOST_PRODUCERS = tuple(f"lost.{n}@example.com" for n in range(5))
LOST_UNDERWRITERS = ("Terry Gone", "Kim Moved")
NO_LINE = "line.missing@example.com"
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mix:
    """How many of each; the published numbers divided by `share`, at least one of each."""

    share: int = 1

    def binds(self) -> dict[str, int]:
        return {name: max(1, count // self.share) for name, count in BINDS.items()}

    def followers(self) -> dict[str, int]:
        return {name: max(1, count // self.share) for name, count in FOLLOWERS.items()}


def transactions(mix: Mix) -> list[dict[str, Any]]:
    """Every payload in the order of its date: a policy's own follow its bind."""
    bodies = [*_binds(mix)]
    binds = [(body["opportunity_id"], body["transaction_id"]) for body in bodies]
    issues = mix.followers()["issue"]
    # Those that failed first: as published, nearly every issue had a bind that had failed.
    order = binds[::-1]
    for opportunity, bind in order[:issues]:
        own = {"policy_number": f"P-{opportunity}", "prior_transaction_id": bind}
        bodies.append(_body("issue", opportunity, 1, **own))
    for kind in ("endorsement", "cancellation", "reinstatement"):
        for opportunity, _ in order[: mix.followers()[kind]]:
            form = _nested if opportunity % 2 else _body
            bodies.append(form(kind, opportunity, LATER[kind], **_dates(kind, opportunity)))
    return sorted(bodies, key=lambda body: body["transaction_date"])


LATER = {"endorsement": 2, "cancellation": 3, "reinstatement": 4}


def _binds(mix: Mix) -> Iterator[dict[str, Any]]:
    number = 0
    for reason, count in mix.binds().items():
        for place in range(count):
            number += 1
            own = DATES | PEOPLE | _trouble(reason, place)
            own["policy_number"] = f"P-{number}"
            own["insured_name"] = f"Insured {number // 2} LLC"
            if number % 5:  # as published: four of five
                own |= {"opportunity_type": "Renewal", "expiring_policy_number": f"P-{number - 1}"}
            yield _body("bind", number, 0, **own)


def _trouble(reason: str, place: int) -> dict[str, Any]:
    if reason == "producer":
        email = LOST_PRODUCERS[place % len(LOST_PRODUCERS)]
        return {"producer_email": email, "producer_name": ""}
    if reason == "backdated":
        return {"effective_date": f"{START - timedelta(days=60):%m/%d/%Y}"}
    if reason == "line":
        return {"producer_email": NO_LINE, "producer_name": ""}
    if reason == "underwriter":
        return {"underwriter_name": LOST_UNDERWRITERS[place % len(LOST_UNDERWRITERS)]}
    return {"net_premium": 0} if reason == "zero_net" else {}


def _dates(kind: str, opportunity: int) -> dict[str, Any]:
    day = START + timedelta(days=30)
    if kind == "endorsement":
        return {
            "midterm_endt_id": opportunity,
            "midterm_endt_effective_from": f"{day:%Y-%m-%d}",
        }
    if kind == "cancellation":
        return DATES | {"policy_cancellation_date": f"{day:%Y-%m-%d}"}
    return {}


def _body(kind: str, opportunity: int, later: int, **own: Any) -> dict[str, Any]:
    when = FIRST + timedelta(days=later, seconds=opportunity)
    kinds = {"endorsement": "midterm_endorsement"}
    return (
        FLAT[kind]
        | {
            "transaction_id": f"{kind}-{opportunity}",
            "transaction_type": kinds.get(kind, kind),
            "transaction_date": when.isoformat(),
            "opportunity_id": opportunity,
        }
        | own
    )


def _nested(kind: str, opportunity: int, later: int, **dates: Any) -> dict[str, Any]:
    """The same in the form of the first generation: the policy's number is its key."""
    day = dates.get("midterm_endt_effective_from") or dates.get("policy_cancellation_date")
    body = _body(kind, opportunity, later)
    names = ("transaction_id", "transaction_type", "transaction_date")
    nested: dict[str, Any] = {name: body[name] for name in names}
    nested |= {"policy_number": f"P-{opportunity}", "account": {"name": "Insured LLC"}}
    if kind == "endorsement":
        nested["endorsement"] = {"effective_from": day, "premium": 100, "credit": True}
    if kind == "cancellation":
        entries = [{"coverage": "General Liability", "premium": -812.5}]
        nested |= {"cancellation_date": day, "cancellation_reason": "Non-payment"}
        nested["return_premium_entries"] = entries
    return nested


def furnish(desk: Desk) -> str:
    """The stand-in as it was on that day; the location whose line is not set up."""
    _, location = desk.ims.add_producer("No Line", NO_LINE, lines=[])
    desk.source.sends_issue = True
    desk.source.save()
    return location


def mend(desk: Desk, code: str, text: str, location: str) -> None:
    """One fix for one group: an alias here, or the set-up in IMS."""
    if code == "producer_not_found":
        desk.environment.producer_aliases.create(
            written=text.rpartition(" ")[2], email=PEOPLE["producer_email"]
        )
    elif code == "underwriter_not_found":
        name = text.removeprefix("IMS knows no underwriter ")
        desk.environment.underwriter_aliases.create(written=name, name=PEOPLE["underwriter_name"])
    elif code == "backdate_allowance":
        desk.ims.knobs.turn({"backdate_days": 100})
    elif code == "producer_line_setup":
        desk.ims.set_producer_line(location, None)
    else:
        raise AssertionError(f"{code}: {text}")
