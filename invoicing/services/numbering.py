"""Numbers that the server gives: the next of a series, without gaps, once per request.

The counter row is the first lock of the accepting transaction (contracts 24). What refuses the
invoice rolls the counter back with it. A number that somebody used by hand is passed over: the
tenant's books have it already, so nothing is missing.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from config.db.counters import take_next
from config.idempotency.errors import KeyReused
from config.json import fingerprint
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.models import AssignedNumber, EGSUnit, Invoice, NumberCounter, NumberSeries
from invoicing.models.numbering import KIND_WORDS, LONGEST_NUMBER
from invoicing.services.documents import Payload
from invoicing.services.drafting import Draft

PASSED_OVER = 1_000  # numbers used by hand in a row, before a person is asked


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right of one request to a number."""

    tenant: Tenant
    request_key: str
    request_sha256: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number taken in the open transaction."""

    ticket: Ticket
    counter: NumberCounter
    sequence: int
    text: str

    def on(self, draft: Draft) -> Draft:
        """The draft with its number, as it is kept."""
        return replace(draft, payload={**draft.payload, "invoice_number": self.text})


def known_or_ticket(
    tenant: Tenant, payload: Payload, request_key: str
) -> tuple[Payload, Ticket | None]:
    """The payload with the number it has or had, or a ticket for a new one. Writes nothing.

    Raises NumberRequired where no series is active, IdempotencyKeyRequired, and KeyReused where the
    key's number went to another content.
    """
    if "invoice_number" in payload:
        return payload, None
    require_series(tenant)
    if not request_key:
        raise errors.IdempotencyKeyRequired
    content = fingerprint(dict(payload))
    given = AssignedNumber.objects.filter(tenant=tenant, request_key=request_key)
    before = given.select_related("invoice").first()
    if before is None:
        return payload, Ticket(tenant, request_key, content)
    if before.request_sha256 != content:
        raise KeyReused
    return {**payload, "invoice_number": before.invoice.invoice_number}, None


def require_series(tenant: Tenant) -> None:
    """Raise NumberRequired where no series of the tenant is active."""
    if not NumberSeries.objects.for_tenant(tenant).active().exists():
        raise errors.NumberRequired


def series_for(tenant: Tenant, unit: EGSUnit | None, document_type: str) -> NumberSeries | None:
    """The most particular active series: the unit's own first, then that of the kind."""
    fitting = NumberSeries.objects.for_tenant(tenant).active().select_related("unit")
    return (
        fitting.filter(Q(unit=None) | Q(unit=unit), document_type__in=("", document_type))
        .order_by(F("unit").asc(nulls_last=True), "-document_type")
        .first()
    )


def take_number(ticket: Ticket, draft: Draft) -> Number:
    """Take the next free number; joins the transaction, of which it is the first lock.

    Raises NumberRequired where no series applies to the draft, and NumberTaken where the request
    was given its number meanwhile or the series cannot go on.
    """
    series = series_for(ticket.tenant, draft.unit, draft.document.kind.value)
    if series is None:
        raise errors.NumberRequired
    issued = draft.issued_at.astimezone(ticket.tenant.zone)
    rows = _counter(series, f"{issued:%Y}" if series.resets_yearly else "")
    for _ in range(PASSED_OVER):
        counter = take_next(rows, "last_number")
        text = render(series, draft.unit, draft.document.kind.value, issued, counter.last_number)
        if len(text) > LONGEST_NUMBER:
            raise errors.SeriesExhausted(series.pattern)
        if not Invoice.objects.for_tenant(ticket.tenant).filter(invoice_number=text).exists():
            break
    else:
        raise errors.SeriesExhausted(series.pattern)
    # Under the counter's lock: a twin of this request has committed, or waits behind us.
    twins = AssignedNumber.objects.filter(tenant=ticket.tenant, request_key=ticket.request_key)
    if twins.exists():
        raise errors.NumberTaken
    return Number(ticket, counter, counter.last_number, text)


def keep(number: Number, invoice: Invoice, *, created: bool) -> None:
    """Write down who got the number; joins the transaction. Raises NumberTaken against a hand."""
    if not created:
        raise errors.NumberTaken
    AssignedNumber.objects.create(
        tenant=number.ticket.tenant,
        counter=number.counter,
        sequence=number.sequence,
        invoice=invoice,
        request_key=number.ticket.request_key,
        request_sha256=number.ticket.request_sha256,
    )


def render(
    series: NumberSeries, unit: EGSUnit | None, document_type: str, issued: datetime, sequence: int
) -> str:
    """The pattern with its places filled; ``{seq:06}`` is padded, never cut."""
    places = {
        "unit": unit.name if unit else "",
        "kind": KIND_WORDS[document_type],
        "yyyy": f"{issued:%Y}",
        "yy": f"{issued:%y}",
        "mm": f"{issued:%m}",
    }

    def fill(found: re.Match[str]) -> str:
        name, _, width = found[1].partition(":")
        return str(sequence).zfill(int(width or 1)) if name == "seq" else places[name]

    # Phase 1 knows no units: what would stand between two dashes is left out with its dash.
    pattern = series.pattern if unit else re.sub(r"\{unit\}[-/. ]?", "", series.pattern)
    return re.sub(r"\{([a-z]+(?::\d+)?)\}", fill, pattern)


def _counter(series: NumberSeries, period: str) -> QuerySet[NumberCounter]:
    """The counter of a period, made with its first document."""
    is_first = not series.counters.exists()
    NumberCounter.objects.get_or_create(
        series=series,
        period=period,
        defaults={"last_number": series.starts_at - 1 if is_first else 0},
    )
    return NumberCounter.objects.filter(series=series, period=period)


def save_series(series: NumberSeries) -> NumberSeries:
    """Write a series down; commits once. Raises ValidationError with the field that is wrong."""
    with transaction.atomic():
        series.full_clean()
        series.save()
    return series
