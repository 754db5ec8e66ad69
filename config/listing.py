"""Lists of the back office that cost the same in small and in large tables (contracts 14)."""

from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from config.pagination import COUNT_CAP

# Instants outside of these years overflow on their way through a time zone or a database.
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9998, 12, 30)


def capped_count(rows: QuerySet, cap: int = COUNT_CAP) -> int:
    """How many rows there are, or `cap` where there are more: nothing is counted beyond it."""
    return rows.order_by().values("pk")[:cap].count()


class CappedPaginator(Paginator):
    """Counts no further than 10,000; what lies beyond is found by narrowing the list."""

    @cached_property
    def count(self) -> int:
        return capped_count(self.object_list)


class DaysFilter(RangeDateFilter):
    """From the beginning of one day to the end of another, in the active tenant's time zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        column = self.parameter_name
        conditions: dict[str, Any] = {}
        if first := self._day("from"):
            conditions[f"{column}__gte"] = _midnight(request, first)
        if last := self._day("to"):
            conditions[f"{column}__lt"] = _midnight(request, last + timedelta(days=1))
        return queryset.filter(**conditions)

    def _day(self, end: str) -> date | None:
        day = parse_date_str(self.used_parameters.get(f"{self.parameter_name}_{end}"))
        return min(max(day, FIRST_DAY), LAST_DAY) if day else None


def _midnight(request: HttpRequest, day: date) -> datetime:
    return datetime.combine(day, time.min, request.tenant.zone)
