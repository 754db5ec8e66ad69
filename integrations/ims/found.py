"""What the bridge's look-ups find, as records."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from integrations.ims.rows import Row


@dataclass(frozen=True, slots=True)
class Producer:
    contact: UUID
    location: UUID


@dataclass(frozen=True, slots=True)
class QuoteFound:
    """A quote as a look-up tells of it; what the procedure does not answer is None or ""."""

    quote: UUID
    option: UUID | None
    insured: UUID | None
    policy_number: str
    status: int | None
    control_number: int | None
    is_bound: bool | None
    bound_at: dt.datetime | None
    issued_at: dt.datetime | None
    endorsement_number: int | None
    row: Row


@dataclass(frozen=True, slots=True)
class PremiumTotal:
    total: Decimal
    invoices: int | None


def read_producer(row: Row) -> Producer | None:
    contact, location = row.guid("ProducerContactGUID"), row.guid("ProducerLocationGUID")
    return Producer(contact, location) if contact and location else None


def read_user(row: Row) -> UUID | None:
    return row.guid("UserGUID")


def read_premium_total(row: Row) -> PremiumTotal | None:
    total = row.money("TotalPremium")
    return None if total is None else PremiumTotal(total, row.number("InvoiceCount"))


def read_quote(row: Row) -> QuoteFound | None:
    quote = row.guid("QuoteGuid")
    if quote is None:
        return None
    bound = "IsBound" if "IsBound" in row else "Bound"
    return QuoteFound(
        quote=quote,
        option=row.guid("QuoteOptionGuid"),
        insured=row.guid("InsuredGuid"),
        policy_number=row.text("PolicyNumber") or row.text("policy_number"),
        status=row.number("QuoteStatusID"),
        control_number=row.number("ControlNo"),
        is_bound=row.flag(bound),
        bound_at=row.instant("DateBound"),
        issued_at=row.instant("DateIssued"),
        endorsement_number=row.number("EndorsementNum"),
        row=row,
    )
