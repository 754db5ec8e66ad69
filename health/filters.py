"""How laboratory invoices are searched (health.md 1.4), in the API and in the admin."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from config.problems import FieldError
from config.text import search_words
from health import errors
from health.models import PaymentStatus, Status, TestInvoice


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
                raise errors.InvalidFilter(
                    f"{self.field_name} is one of {known}.",
                    errors=[FieldError(self.field_name, "INVALID_FILTER", f"One of {known}.")],
                )
        return rows.filter(**{f"{self.field_name}__in": wanted})


class TestInvoiceFilter(django_filters.FilterSet):
    """`search` looks in D2's two fields; phone and voucher number have parameters of their own."""

    __test__ = False

    search = django_filters.CharFilter(method="by_words", max_length=200)
    status = WordsFilter(Status.values)
    payment_status = WordsFilter(PaymentStatus.values)
    patient_id = django_filters.NumberFilter()
    test_order_id = django_filters.NumberFilter()
    patient_phone = django_filters.CharFilter(field_name="patient_phone_normal", max_length=20)
    voucher_number = django_filters.CharFilter(field_name="voucher__voucher_number", max_length=30)
    date_from = django_filters.DateFilter(field_name="local_date", lookup_expr="gte")
    date_to = django_filters.DateFilter(field_name="local_date", lookup_expr="lte")
    due_before = django_filters.DateFilter(field_name="due_date", lookup_expr="lt")
    overdue = django_filters.BooleanFilter(method="by_overdue")
    ordering = django_filters.OrderingFilter(
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

    def by_overdue(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        today = timezone.localdate()
        late = Q(status=Status.POSTED, due_date__lt=today) & Q(
            payment_status__in=[PaymentStatus.UNPAID, PaymentStatus.PARTIAL]
        )
        return rows.filter(late) if value else rows.exclude(late)

    class Meta:
        model = TestInvoice
        fields: ClassVar[list[str]] = []
