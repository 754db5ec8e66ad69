"""Lists whose pages cost the same in a small table and in a large one (contracts 14).

The total is exact up to 10,000 matches and capped there; pages beyond are answered all the same.
"""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.problems import FieldError, InvalidRequest

COUNT_CAP = 10_000
MAX_PAGE = 2**31 - 1
_WHOLE = re.compile(r"[0-9]{1,10}\Z")


class CappedPagination(BasePagination):
    """Numbered pages. A page past the end is empty; an unreadable number is a 400 with `param`."""

    size_param: ClassVar[str]
    default_size: ClassVar[int]
    max_size: ClassVar[int] = 100
    clamps: ClassVar[bool] = False  # a size above the maximum: taken as the maximum, or refused

    page: int
    size: int
    total: int
    total_is_capped: bool

    def paginate_queryset(
        self, queryset: QuerySet[Model], request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.view = view
        self.page = _number(request, "page", 1, MAX_PAGE)
        self.size = self._size(request)
        ordered = _with_tie_break(queryset)
        start = (self.page - 1) * self.size
        rows = list(ordered[start : start + self.size])
        # A page that is not full is the last one: the count is known without counting.
        is_last = len(rows) < self.size and (rows or not start)
        total = start + len(rows) if is_last else _count(queryset)
        self.total, self.total_is_capped = min(total, COUNT_CAP), total > COUNT_CAP
        return rows

    @property
    def total_pages(self) -> int:
        return -(-self.total // self.size)

    def _size(self, request: Request) -> int:
        highest = MAX_PAGE if self.clamps else self.max_size
        return min(_number(request, self.size_param, self.default_size, highest), self.max_size)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_size}
        return [
            _query("page", {"type": "integer", "minimum": 1, "default": 1}),
            _query(self.size_param, {**size, "default": self.default_size}),
        ]


class InvoicePagination(CappedPagination):
    """``{invoices, total, page, limit, total_pages, total_is_capped}``; or another `rows_key`."""

    rows_key: ClassVar[str] = "invoices"
    size_param = "limit"
    default_size = 50

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        return Response(
            {
                self.rows_key: data,
                "total": self.total,
                "page": self.page,
                "limit": self.size,
                "total_pages": self.total_pages,
                "total_is_capped": self.total_is_capped,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return _answer_schema({self.rows_key: schema}, self.size_param)


class EnvelopePagination(CappedPagination):
    """D2's envelope: ``{success, message, data, total, page, per_page, total_pages, …}``.

    A view sets its sentence with the attribute ``list_message``.
    """

    size_param = "per_page"
    default_size = 10
    clamps = True

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        return Response(
            {
                "success": True,
                "message": getattr(self.view, "list_message", "Retrieved successfully"),
                "data": data,
                "total": self.total,
                "page": self.page,
                "per_page": self.size,
                "total_pages": self.total_pages,
                "total_is_capped": self.total_is_capped,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        head = {"success": {"type": "boolean"}, "message": {"type": "string"}, "data": schema}
        return _answer_schema(head, self.size_param)


def _number(request: Request, name: str, default: int, highest: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not _WHOLE.match(text) or not 1 <= int(text) <= highest:
        error = FieldError(
            name,
            "invalid_page",
            f"{name} must be a whole number from 1 to {highest}.",
            f"يجب أن تكون قيمة {name} عددًا صحيحًا من 1 إلى {highest}.",
        )
        raise InvalidRequest(error.message, message_ar=error.message_ar, errors=[error])
    return int(text)


def _with_tie_break(queryset: QuerySet[Model]) -> QuerySet[Model]:
    """Rows of equal sort key would otherwise change places between two pages."""
    terms = queryset.query.order_by or queryset.model._meta.ordering or ()
    names = {str(term).lstrip("-") for term in terms}
    if names & {"pk", "id"}:
        return queryset
    return queryset.order_by(*terms, "-pk")


def _count(queryset: QuerySet[Model]) -> int:
    """The number of rows, or COUNT_CAP + 1 without looking any further."""
    return queryset.order_by().values("pk")[: COUNT_CAP + 1].count()


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _answer_schema(head: dict[str, Any], size_param: str) -> dict[str, Any]:
    whole = {"type": "integer"}
    tail = {"total": whole, "page": whole, size_param: whole, "total_pages": whole}
    properties = {**head, **tail, "total_is_capped": {"type": "boolean"}}
    return {"type": "object", "required": list(properties), "properties": properties}
