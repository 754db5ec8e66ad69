"""What waits longest, by its time of issue: that is what the law counts from."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from invoicing.models import Invoice
from invoicing.selectors import never_sent, without_a_verdict

PARAMETER = "waiting"
LISTS = {"unknown": without_a_verdict, "unsent": never_sent}


class WaitingFilter(DropdownFilter):
    title, parameter_name = "waiting", PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unknown", "Without a verdict"), ("unsent", "Never sent")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        narrow = LISTS.get(self.value() or "")
        return narrow(queryset) if narrow else queryset


class OldestFirst:
    """Invoices that wait are listed by their time of issue, the oldest first."""

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        if request.GET.get(PARAMETER) in LISTS:
            return ("issued_at", "id")
        return super().get_ordering(request)
