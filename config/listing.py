"""Lists of the back office that cost the same in small and in large tables (contracts 14)."""

from datetime import date
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from config.days import end_of, start_of
from config.pagination import COUNT_CAP


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
            conditions[f"{column}__gte"] = start_of(first, request.tenant.zone)
        if last := self._day("to"):
            conditions[f"{column}__lt"] = end_of(last, request.tenant.zone)
        return queryset.filter(**conditions)

    def _day(self, end: str) -> date | None:
        return parse_date_str(self.used_parameters.get(f"{self.parameter_name}_{end}"))
