"""How laboratory invoices are searched (health.md 1.4), in the API and in the admin."""

import json
from typing import Any, ClassVar

import django_filters
from django.db import connection
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, StrIndex
from django.utils import timezone

from config.problems import FieldError
from config.text import search_words
from health import errors
from health.identifiers import mobile
from health.models import PaymentStatus, Status, TestInvoice
from health.parameters import (
    CODE,
    AmountFilter,
    DayFilter,
    FlagFilter,
    OrderFilter,
    RangeForm,
    WholeFilter,
)


def with_tag(rows: QuerySet, tag: str) -> QuerySet:
    """The invoices that carry the tag, whole."""
    if connection.vendor == "postgresql":
        return rows.filter(tags__contains=[tag])
    # SQLite looks into no JSON: a tag between JSON's own quotes is found whole in its text.
    place = StrIndex(Cast("tags", TextField()), Value(json.dumps(tag)))
    return rows.annotate(tag_at=place).filter(tag_at__gt=0)


class WordsFilter(django_filters.Filter):
    """One or more of the words, repeated or between commas; another word is INVALID_FILTER."""

    def __init__(self, words: list[str], **kwargs: Any) -> None:
        self.words = words
        super().__init__(**kwargs)

    def filter(self, rows: QuerySet, value: Any) -> QuerySet:
        said = self.parent.data.getlist(self.field_name) if self.parent else [value]
        wanted = [word for item in said for word in str(item).split(",") if word]
        if not wanted:
            return rows
        for word in wanted:
            if word not in self.words:
                known = ", ".join(self.words)
                arabic = f"القيمة واحدة من: {known}."
                error = FieldError(self.field_name, CODE, f"One of {known}.", arabic)
                raise errors.InvalidFilter(f"{self.field_name} is one of {known}.", errors=[error])
        return rows.filter(**{f"{self.field_name}__in": wanted})


class TestInvoiceFilter(django_filters.FilterSet):
    """`search` looks in D2's two fields; phone and voucher number have parameters of their own."""

    __test__ = False

    search = django_filters.CharFilter(method="by_words", max_length=200)
    status = WordsFilter(Status.values)
    payment_status = WordsFilter(PaymentStatus.values)
    patient_id = WholeFilter()
    test_order_id = WholeFilter()
    patient_phone = django_filters.CharFilter(method="by_phone", max_length=20)
    voucher_number = django_filters.CharFilter(field_name="voucher__voucher_number", max_length=30)
    branch_id = WholeFilter()
    min_amount = AmountFilter(field_name="final_amount", lookup_expr="gte")
    max_amount = AmountFilter(field_name="final_amount", lookup_expr="lte")
    tag = django_filters.CharFilter(method="by_tag", max_length=50)
    date_from = DayFilter(field_name="local_date", lookup_expr="gte")
    date_to = DayFilter(field_name="local_date", lookup_expr="lte")
    due_before = DayFilter(field_name="due_date", lookup_expr="lt")
    overdue = FlagFilter(method="by_overdue")
    include_items = FlagFilter(method="with_items")
    ordering = OrderFilter(
        fields=[(name, name) for name in ("id", "invoice_date", "due_date", "final_amount")]
    )
    in_fields: ClassVar[tuple[str, ...]] = ("invoice_number", "patient_name")

    def by_words(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        for word in search_words(value):
            found = Q()
            for column in self.in_fields:
                found |= Q(**{f"{column}__icontains": word})
            rows = rows.filter(found)
        return rows

    def by_phone(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """The number however it is written, or as it was."""
        normal = mobile(value)
        return rows.filter(Q(patient_phone_normal=normal) if normal else Q(patient_phone=value))

    def by_tag(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return with_tag(rows, value)

    def by_overdue(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        today = timezone.now().astimezone(self.request.auth.tenant.zone).date()
        # A bill of nothing, or credited in full, is unpaid and owes nothing.
        # What names no due date is due on its own day, as in every report of what is owed.
        late = Q(status=Status.POSTED, due__lt=today, balance_amount__gt=0) & Q(
            payment_status__in=[PaymentStatus.UNPAID, PaymentStatus.PARTIAL]
        )
        rows = rows.annotate(due=Coalesce("due_date", "local_date"))
        return rows.filter(late) if value else rows.exclude(late)

    def with_items(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.prefetch_related("items") if value else rows

    class Meta:
        model = TestInvoice
        form = RangeForm
        fields: ClassVar[list[str]] = []
