"""The base of every refusal. No framework import, so that models and services may raise it.

Three kinds of trouble exist: a Problem (the caller can act on it), a partner's answer (data, never
an exception beyond its gateway), and a bug (anything else, a 500).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class Bilingual(str):
    """A code that carries its Arabic sentence.

    DRF and Django rebuild the text of a complaint on its way up but hand its code on untouched.
    """

    __slots__ = ("arabic",)
    arabic: str

    def __new__(cls, code: str, arabic: str) -> "Bilingual":
        self = super().__new__(cls, code)
        self.arabic = arabic
        return self


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field of a request.

    `param` is the caller's own path to it, as in ``line_items[2].tax_rate``; `rule` the official
    rule's id where there is one; `expected` and `got` are filled where arithmetic is at stake.
    """

    param: str
    code: str
    message: str
    message_ar: str = ""
    rule: str | None = None
    expected: str | None = None
    got: str | None = None


class Problem(Exception):
    """A refusal the caller can act on, with a status, a stable code and a sentence.

    `type` is one of: invalid_request_error, authentication_error, permission_error, not_found,
    conflict, idempotency_error, rate_limit_error, upstream_error, internal_error. `extra` is merged
    into the error object (for instance the invoice it is about), `retry_after` becomes the header.
    """

    status = 400
    code = "invalid_request"
    type = "invalid_request_error"
    message = "The request cannot be carried out."
    message_ar = "تعذر تنفيذ الطلب."
    # Codes that its `errors` carry and no Problem does: what each means in English and Arabic.
    of_errors: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def __init__(
        self,
        message: str | None = None,
        *,
        message_ar: str | None = None,
        param: str | None = None,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.message = message or self.message
        self.message_ar = message_ar or self.message_ar
        self.param = param if param or not errors else errors[0].param
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.retry_after = retry_after
        super().__init__(self.message)


class InvalidRequest(Problem):
    """The request does not fit the schema or its own arithmetic; nothing was stored."""

    message = "The request is not valid."
    message_ar = "الطلب غير صالح."


class Unauthenticated(Problem):
    status, code, type = 401, "unauthenticated", "authentication_error"
    message = "Authentication is required: send X-API-Key, a bearer token, or sign in."
    message_ar = "يلزم التحقق من الهوية: أرسل مفتاح X-API-Key أو رمز دخول أو سجّل الدخول."


class Forbidden(Problem):
    status, code, type = 403, "forbidden", "permission_error"
    message = "This credential may not do that."
    message_ar = "لا تسمح بيانات الاعتماد هذه بهذا الإجراء."


class NotFound(Problem):
    """Absent and another tenant's are one answer, so that nothing can be inferred."""

    status, code, type = 404, "not_found", "not_found"
    message = "Not found."
    message_ar = "غير موجود."


class Conflict(Problem):
    status, code, type = 409, "conflict", "conflict"
    message = "The request conflicts with the current state."
    message_ar = "يتعارض الطلب مع الحالة الحالية."


class Unavailable(Problem):
    status, code, type = 503, "unavailable", "internal_error"
    message = "The service cannot do this right now. Nothing was changed; try again."
    message_ar = "الخدمة غير متاحة الآن. لم يتغير شيء؛ أعد المحاولة."
