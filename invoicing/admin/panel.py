"""How things stand in invoicing, on the first page: a few figures, each from an index."""

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from config.dashboard import Panel, Tile
from config.listing import capped_count
from config.pagination import COUNT_CAP
from invoicing.admin.waiting import LISTS, list_of
from invoicing.models import Chain, ChainState, EGSUnit, Invoice, InvoiceStatus
from invoicing.selectors import breakers_open
from invoicing.services.alarms import CERTIFICATE_DAYS
from invoicing.words import colour, said

S = InvoiceStatus
NAMED = 3  # paused units that a tile names
# The two ages that page somebody, and when (reliability.md §5).
WORTH_A_LOOK, URGENT = timedelta(minutes=15), timedelta(hours=1)


def _statuses(request: HttpRequest) -> Iterator[Tile]:
    for status in (S.CLEARED, S.REJECTED, S.FAILED, S.PROCESSING, S.CREATED):
        found = capped_count(Invoice.objects.for_tenant(request.tenant).filter(status=status))
        figure = f"{found:,}+" if found == COUNT_CAP else f"{found:,}"
        link = f"{reverse('admin:invoicing_invoice_changelist')}?status__exact={status}"
        yield Tile(said(status), figure, link=link, tone=colour(status) if found else "")


def _waiting(request: HttpRequest) -> Iterator[Tile]:
    # By the time of issue, which is what the law counts from. It has no index of its own, so that
    # the few rows in these statuses are looked at, and never the tenant's whole history in order.
    own = Invoice.objects.for_tenant(request.tenant)
    for word, label, oldest in (
        ("unknown", "without a verdict", "oldest without a verdict"),
        ("unsent", "never sent", "oldest never sent"),
    ):
        rows = LISTS[word](own)
        yield _oldest(oldest, rows.order_by("issued_at", "id").first())
        yield _how_many(label, capped_count(rows), list_of(word, request))


def _how_many(label: str, found: int, page: str) -> Tile:
    figure = f"{found:,}+" if found == COUNT_CAP else f"{found:,}"
    return Tile(label, figure, "the oldest first" if found else "", page)


def _oldest(label: str, invoice: Invoice | None) -> Tile:
    if invoice is None:
        return Tile(label, "none", tone="success")
    age = timezone.now() - invoice.issued_at
    tone = "danger" if age > URGENT else "warning" if age > WORTH_A_LOOK else ""
    page = reverse("admin:invoicing_invoice_change", args=[invoice.pk])
    return Tile(label, timesince(invoice.issued_at, depth=1), str(invoice), page, tone)


def _certificates(request: HttpRequest) -> Iterator[Tile]:
    soon = timezone.now() + timedelta(days=max(CERTIFICATE_DAYS))
    active = Chain.objects.filter(unit__tenant=request.tenant, state=ChainState.ACTIVE)
    expiring = active.filter(expires_at__lt=soon).order_by("expires_at").select_related("unit")
    chain = expiring.first()
    if chain is None or chain.expires_at is None:
        note = f"none expires before {soon:%Y-%m-%d}"
        yield Tile("certificates", "in order", note, tone="success")
        return
    page = reverse("admin:invoicing_egsunit_change", args=[chain.unit_id])
    yield Tile(
        "expires first",
        f"{timezone.localtime(chain.expires_at):%Y-%m-%d}",
        chain.unit.name,
        page,
        "danger",
    )


def _sending(request: HttpRequest) -> Iterator[Tile]:
    breaker = breakers_open(request.tenant.environment).first()
    if breaker is None:
        yield Tile("ZATCA", "answers", tone="success")
    else:
        since = timesince(breaker.opened_at, depth=1)
        note = f"next try {timezone.localtime(breaker.open_until):%H:%M:%S}"
        yield Tile("ZATCA does not answer since", since, note, tone="danger")
    paused = EGSUnit.objects.for_tenant(request.tenant).exclude(paused_at=None)
    if names := list(paused.order_by("name").values_list("name", flat=True)[:NAMED]):
        page = reverse("admin:invoicing_egsunit_changelist")
        yield Tile("units paused", f"{paused.count():,}", ", ".join(names), page, "danger")


def _watch(request: HttpRequest) -> Iterator[Tile]:
    yield from _sending(request)
    yield from _waiting(request)
    yield from _certificates(request)


PANELS = (
    Panel("Invoices", "invoicing.invoice", _statuses),
    Panel("Waiting", "invoicing.invoice", _watch),
)
