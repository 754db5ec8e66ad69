"""How things stand with policies, on the first page: a few figures, each from an index."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from config.dashboard import Panel, Tile
from config.listing import capped_count
from config.pagination import COUNT_CAP
from integrations import selectors
from integrations.admin.environments import state_of, told
from integrations.models import (
    IMSEnvironment,
    IMSInvoice,
    InvoiceStatus,
    Status,
    TritonTransaction,
)
from integrations.words import colour, said

S = Status
SHOWN = (S.NEEDS_ATTENTION, S.FAILED, S.RECONCILING, S.BLOCKED, S.RECEIVED, S.COMPLETED)
NAMED = 5  # environments that have a tile


def _figure(found: int) -> str:
    return f"{found:,}+" if found == COUNT_CAP else f"{found:,}"


def _has_ims(request: HttpRequest) -> bool:
    return IMSEnvironment.objects.for_tenant(request.tenant).exists()


def _transactions(request: HttpRequest) -> Iterator[Tile]:
    if not _has_ims(request):
        return
    page = reverse("admin:integrations_tritontransaction_changelist")
    own = TritonTransaction.objects.for_tenant(request.tenant)
    for status in SHOWN:
        found = capped_count(own.filter(status=status))
        link, tone = f"{page}?status__exact={status}", colour(status) if found else ""
        yield Tile(said(status), _figure(found), link=link, tone=tone)


def _watch(request: HttpRequest) -> Iterator[Tile]:
    if not _has_ims(request):
        return
    active = IMSEnvironment.objects.for_tenant(request.tenant).filter(is_active=True)
    for environment in active[:NAMED]:
        state = state_of(environment)
        page = reverse("admin:integrations_imsenvironment_queue", args=[environment.pk])
        note = "" if state == "on" else told(environment)
        figure = "answers" if state == "on" else state
        yield Tile(f"IMS {environment}", figure, note, page, colour(state))
    yield _oldest(request)
    pending = IMSInvoice.objects.for_tenant(request.tenant).filter(status=InvoiceStatus.PENDING)
    found = capped_count(pending)
    page = reverse("admin:integrations_imsinvoice_changelist")
    link = f"{page}?status__exact={InvoiceStatus.PENDING}"
    yield Tile("invoices looked for", _figure(found), link=link, tone="warning" if found else "")


def _oldest(request: HttpRequest) -> Tile:
    queued = TritonTransaction.objects.for_tenant(request.tenant).filter(
        status__in=(S.RECEIVED, S.PROCESSING)
    )
    oldest = queued.order_by("created_at", "id").first()
    if oldest is None:
        return Tile("oldest in the queue", "none", tone="success")
    age = timezone.now() - oldest.created_at
    tone = "danger" if age > selectors.LATE else "warning" if age > selectors.SLOW else ""
    page = reverse("admin:integrations_tritontransaction_change", args=[oldest.pk])
    since = timesince(oldest.created_at, depth=1)
    return Tile("oldest in the queue", since, str(oldest), page, tone)


PANELS = (
    Panel("Policies", "integrations.tritontransaction", _transactions),
    Panel("IMS", "integrations.imsenvironment", _watch),
)
