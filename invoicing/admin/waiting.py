"""What waits longest, by its time of issue: that is what the law counts from."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
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


def list_of(word: str, request: HttpRequest) -> str:
    """The address of one of these lists, the oldest first."""
    page = admin.site.get_model_admin(Invoice)
    columns = list(page.get_list_display(request))
    # As the list itself counts them: there is a box to tick where there is something to do.
    boxes = int(bool(page.get_actions(request)))
    order = columns.index("issued") + boxes
    return f"{reverse('admin:invoicing_invoice_changelist')}?{PARAMETER}={word}&o={order}"
