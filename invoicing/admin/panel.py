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
from invoicing.models import Chain, ChainState, Invoice, InvoiceStatus, ZatcaStatus
from invoicing.services.alarms import CERTIFICATE_DAYS
from invoicing.words import colour, said

S = InvoiceStatus
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
    own = Invoice.objects.for_tenant(request.tenant).filter(status__in=(S.FAILED, S.CREATED))
    unknown = own.filter(zatca_status=ZatcaStatus.UNKNOWN, uuid__isnull=False)
    yield _oldest("oldest without a verdict", unknown.order_by("issued_at", "id").first())
    yield _oldest("oldest never sent", own.filter(attempt_no=0).order_by("issued_at", "id").first())


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


def _watch(request: HttpRequest) -> Iterator[Tile]:
    yield from _waiting(request)
    yield from _certificates(request)


PANELS = (
    Panel("Invoices", "invoicing.invoice", _statuses),
    Panel("Waiting", "invoicing.invoice", _watch),
)
