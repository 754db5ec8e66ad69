"""The `Prefer` header (RFC 7240): ``respond-async`` and ``handling=strict``."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework.request import Request

from config.problems import FieldError, InvalidRequest


class UnknownParameter(InvalidRequest):
    code = "unknown_parameter"
    message = "The query has a parameter that is not known here."
    message_ar = "في الاستعلام معامل غير معروف هنا."


def prefer(request: Request | HttpRequest) -> dict[str, str]:
    """The preferences by lower-case name, bare ones with ""; the first of a name wins."""
    found: dict[str, str] = {}
    for part in request.headers.get("Prefer", "").split(","):
        preference = part.partition(";")[0]
        name, _, value = preference.partition("=")
        if name := name.strip().lower():
            found.setdefault(name, value.strip().strip('"'))
    return found


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Raise UnknownParameter for what the query has besides, under ``handling=strict``."""
    if prefer(request).get("handling") != "strict":
        return
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise UnknownParameter(errors=[_unknown(name) for name in unknown])


class StrictQuery:
    """For list views: unknown query parameters are ignored, or 400 under ``handling=strict``.

    Known are the paginator's, the filter set's, and the names in `query_parameters`.
    """

    query_parameters: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method == "GET":
            refuse_unknown(request, self._known_parameters())

    def _known_parameters(self) -> set[str]:
        known = set(self.query_parameters)
        if paginator := getattr(self, "paginator", None):
            known |= {"page", paginator.size_param}
        if filterset := getattr(self, "filterset_class", None):
            known |= set(filterset.base_filters)
        return known


def _unknown(name: str) -> FieldError:
    return FieldError(
        name[:100],
        "unknown_parameter",
        "This parameter is not known here.",
        "هذا المعامل غير معروف هنا.",
    )
