"""How the laboratory stands, on the first page: a few figures that lead to their lists."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from config.dashboard import Panel, Tile
from config.listing import capped_count
from config.pagination import COUNT_CAP
from health.admin.invoice_filters import OWED
from health.models import Payment, PaymentState, Status, TestInvoice
from health.words import rupees


def _tiles(request: HttpRequest) -> Iterator[Tile]:
    today = timezone.now().astimezone(request.tenant.zone).date()
    bills = TestInvoice.objects.for_tenant(request.tenant).filter(is_deleted=False)
    payments = Payment.objects.for_tenant(request.tenant)
    drafts = capped_count(bills.filter(status=Status.DRAFT))
    page = f"{reverse('admin:health_testinvoice_changelist')}?status__exact=DRAFT"
    yield Tile("drafts to post", _count(drafts), link=page)
    yield _overdue(bills, today)
    got = payments.filter(status=PaymentState.POSTED, date=today)
    money = reverse("admin:health_payment_changelist")
    link = f"{money}?date_from={today}&date_to={today}"
    yield Tile("received today", f"₹{_sum(got, 'amount')}", link=link)
    waiting = capped_count(payments.filter(status=PaymentState.PENDING))
    link = f"{money}?status__exact=PENDING"
    yield Tile("payments to confirm", _count(waiting), link=link, tone="info" if waiting else "")


def _overdue(bills: QuerySet, today: date) -> Tile:
    """What was due yesterday or earlier, by the index of open bills."""
    late = bills.filter(
        Q(due_date__lt=today) | Q(due_date=None, local_date__lt=today),
        status=Status.POSTED,
        payment_status__in=OWED,
        balance_amount__gt=0,
    )
    found = capped_count(late)
    is_old = late.filter(due_date__lt=today - timedelta(90)).exists()
    tone = "danger" if is_old else "warning" if found else ""
    page = f"{reverse('admin:health_testinvoice_changelist')}?age=late"
    return Tile("overdue", _count(found), f"₹{_sum(late, 'balance_amount')}", page, tone)


def _count(found: int) -> str:
    return f"{found:,}+" if found == COUNT_CAP else f"{found:,}"


def _sum(rows: QuerySet, column: str) -> str:
    """Of so many rows at most as are counted, too."""
    counted = rows.model.objects.filter(pk__in=rows.order_by().values("pk")[:COUNT_CAP])
    return rupees(Decimal(counted.aggregate(total=Sum(column, default=0))["total"]))


PANEL = Panel("Laboratory", "health.testinvoice", _tiles)
