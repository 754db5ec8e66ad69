"""How finance staff narrow the list of test invoices."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter, RangeNumericFilter, TextFilter

from config.money import to_minor
from health.filters import with_tag
from health.models import PaymentStatus, Status
from health.words import AGES

LATE = "late"
OWED = (PaymentStatus.UNPAID, PaymentStatus.PARTIAL)


class AgeFilter(DropdownFilter):
    """How long what is still owed has been due, by due date."""

    title, parameter_name = "due since", "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(LATE, "Overdue"), *((label, label.capitalize()) for _, label in AGES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        bounds = _bounds(self.value() or "")
        if bounds is None or request.tenant is None:
            return queryset
        today = timezone.now().astimezone(request.tenant.zone).date()
        first, last = (None if days is None else today - timedelta(days) for days in bounds)
        rows = queryset.filter(status=Status.POSTED, payment_status__in=OWED, balance_amount__gt=0)
        rows = rows.annotate(due=Coalesce("due_date", "local_date"))
        if first is not None:
            rows = rows.filter(due__lte=first)
        return rows if last is None else rows.filter(due__gte=last)


def _bounds(label: str) -> tuple[int | None, int | None] | None:
    """(at least, at most) so many days late, of the bucket of this name."""
    if label == LATE:
        return 1, None
    at_least: int | None = None
    for at_most, name in AGES:
        if name == label:
            return at_least, at_most
        at_least = (at_most or 0) + 1
    return None


class CreditedFilter(DropdownFilter):
    title, parameter_name = "credit notes", "credited"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Has some"), ("no", "Has none")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = {"yes": {"credited_amount__gt": 0}, "no": {"credited_amount": 0}}
        return queryset.filter(**wanted.get(self.value() or "", {}))


class TagFilter(TextFilter):
    title, parameter_name = "tag", "tag"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return with_tag(queryset, self.value()) if self.value() else queryset


class BranchFilter(TextFilter):
    title, parameter_name = "branch", "branch"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        said = self.value()
        if not said:
            return queryset
        is_one = said.isascii() and said.isdigit() and len(said) <= 18
        return queryset.filter(branch_id=int(said)) if is_one else queryset.none()


class AmountFilter(RangeNumericFilter):
    """Between two amounts of rupees; what is no amount narrows nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        for end in ("from", "to"):
            said = self.used_parameters.get(f"{self.parameter_name}_{end}")
            lookup = {"from": "gte", "to": "lte"}[end]
            if said and _is_amount(said):
                queryset = queryset.filter(**{f"{self.parameter_name}__{lookup}": said})
        return queryset


def _is_amount(text: str) -> bool:
    try:
        to_minor(text)
    except (ArithmeticError, ValidationError):
        return False
    return True


def age_of(due: date, today: date) -> str:
    """The bucket of what is due on that day."""
    late = (today - due).days
    return next(label for limit, label in AGES if limit is None or late <= limit)
