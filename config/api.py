"""The edge of the API: whatever goes wrong leaves as one error object with a status and a code.

``{"detail": …, "error": {type, code, message, message_ar, param, errors[], request_id, doc_url}}``,
or D2's envelope for views with ``envelope = "health"`` (contracts 9). Absent and foreign things get
one neutral 404; input that no database can hold is a 400, a database that cannot serve a 503, and
only a bug a 500, logged once with its traceback.
"""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import singledispatch
from http import HTTPStatus
from typing import Any

from django.core import exceptions as django
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.log import log_response
from django.views import defaults
from rest_framework import exceptions as drf
from rest_framework.fields import get_error_detail
from rest_framework.request import Request
from rest_framework.response import Response

from config.addresses import envelope_of, is_api
from config.catalogue import doc_url
from config.json import ExactJSONRenderer, PayloadTooLarge
from config.middleware import request_id
from config.problems import (
    FieldError,
    Forbidden,
    InvalidRequest,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
)
from config.validation import field_errors

RETRY_AFTER = 5  # seconds; what a busy database is given to recover

# SQLite reports what it cannot digest as it reports a lock: the request's fault, not the disk's.
_TOO_MUCH = ("expression tree is too large", "too many sql variables", "pattern too complex")
_OUR_MISTAKE = ("no such ", "near ", "sql logic error")


class MethodNotAllowed(Problem):
    status, code = 405, "method_not_allowed"
    message = "This method is not allowed here."
    message_ar = "هذه الطريقة غير مسموح بها هنا."


class NotAcceptable(Problem):
    status, code = 406, "not_acceptable"
    message = "Answers are application/json."
    message_ar = "الإجابات بصيغة application/json فقط."


class UnsupportedMediaType(Problem):
    status, code = 415, "unsupported_media_type"
    message = "Send the body as application/json."
    message_ar = "أرسل نص الطلب بصيغة application/json."


class RateLimited(Problem):
    status, code, type = 429, "rate_limited", "rate_limit_error"
    message = "Too many requests; wait and try again."
    message_ar = "طلبات كثيرة جدًا؛ انتظر ثم أعد المحاولة."


class UnprocessableValue(InvalidRequest):
    """A value that fits its type but no database or calendar."""

    code = "unprocessable_value"
    message = "A value in the request is outside what can be processed."
    message_ar = "في الطلب قيمة خارج ما يمكن معالجته."


class DatabaseUnavailable(Unavailable):
    """Locked for too long, full, or gone. What had been committed stays; repeating is safe."""

    code = "database_unavailable"
    message = "The database cannot serve this right now. Send the same request again."
    message_ar = "قاعدة البيانات غير متاحة الآن. أعد إرسال الطلب نفسه."


class InternalError(Problem):
    status, code, type = 500, "internal_error", "internal_error"
    message = "Something failed on our side. Quote the request_id when you report it."
    message_ar = "حدث خلل لدينا. اذكر request_id عند الإبلاغ عنه."


def problem_response(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER: every exception of a view as an answer; never None."""
    problem = as_problem(exc)
    view, request = context.get("view"), context.get("request")
    response = Response(
        problem_body(problem, request=request, envelope=getattr(view, "envelope", None)),
        status=problem.status,
        headers=_headers(problem, exc),
    )
    if problem.status == 401 and view is not None and "WWW-Authenticate" not in response:
        response["WWW-Authenticate"] = view.get_authenticate_header(request) or "Api-Key"
    if problem is not exc and (problem.status >= 500 or isinstance(problem, UnprocessableValue)):
        # Marks the response as logged, so that Django does not log it a second time.
        log_response(
            "%s: %s",
            HTTPStatus(problem.status).phrase,
            getattr(request, "path", ""),
            response=response,
            request=request,
            exception=exc,
        )
    return response


def problem_body(
    problem: Problem, *, request: Request | HttpRequest | None, envelope: str | None = None
) -> dict[str, Any]:
    """The JSON body of `problem` in the documents' shape for this kind of view."""
    errors = [_field_body(error) for error in problem.errors]
    error = {
        "type": problem.type,
        "code": problem.code,
        "message": problem.message,
        "message_ar": problem.message_ar,
        "param": problem.param or None,
        "errors": errors,
        "request_id": request_id(request),
        "doc_url": doc_url(problem.code),
        **problem.extra,
    }
    if envelope != "health":
        return {"detail": problem.message, "error": error}
    items = errors or [{key: error[key] for key in ("param", "code", "message", "message_ar")}]
    renamed = [{"field": item["param"], **_without(item, "param")} for item in items]
    return {"success": False, "message": problem.message, "errors": renamed, "error": error}


def _field_body(error: FieldError) -> dict[str, Any]:
    filled = {key: value for key, value in asdict(error).items() if value is not None}
    return {**filled, "param": error.param or None}


def _without(item: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != key}


def _headers(problem: Problem, exc: Exception) -> dict[str, str]:
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return headers


@singledispatch
def as_problem(exc: BaseException) -> Problem:
    """The Problem that an exception is to a caller; InternalError for a bug."""
    return InternalError()


@as_problem.register
def _(exc: Problem) -> Problem:
    return exc


@as_problem.register
def _(exc: drf.ValidationError) -> Problem:
    return _invalid(list(field_errors(exc.detail)))


@as_problem.register
def _(exc: django.ValidationError) -> Problem:
    return _invalid(list(field_errors(get_error_detail(exc))))


@as_problem.register(Http404)
@as_problem.register(drf.NotFound)
def _(exc: Exception) -> Problem:
    return NotFound()


@as_problem.register
def _(exc: drf.APIException) -> Problem:
    if exc.status_code >= 500:
        return InternalError()
    problem = _in_its_words(InvalidRequest, exc)
    problem.status = exc.status_code
    return problem


@as_problem.register
def _(exc: drf.NotAuthenticated) -> Problem:
    return Unauthenticated()


@as_problem.register
def _(exc: drf.AuthenticationFailed) -> Problem:
    return _in_its_words(Unauthenticated, exc)


@as_problem.register
def _(exc: drf.PermissionDenied) -> Problem:
    return _in_its_words(Forbidden, exc)


@as_problem.register
def _(exc: django.PermissionDenied) -> Problem:
    return Forbidden()


@as_problem.register
def _(exc: drf.MethodNotAllowed) -> Problem:
    return MethodNotAllowed()


@as_problem.register
def _(exc: drf.NotAcceptable) -> Problem:
    return NotAcceptable()


@as_problem.register
def _(exc: drf.UnsupportedMediaType) -> Problem:
    return UnsupportedMediaType()


@as_problem.register
def _(exc: drf.Throttled) -> Problem:
    return RateLimited(retry_after=exc.wait or RETRY_AFTER)


@as_problem.register(django.SuspiciousOperation)
@as_problem.register(django.BadRequest)
@as_problem.register(UnreadablePostError)
@as_problem.register(MultiPartParserError)
def _(exc: Exception) -> Problem:
    return InvalidRequest()


@as_problem.register
def _(exc: django.RequestDataTooBig) -> Problem:
    return PayloadTooLarge()


@as_problem.register(OverflowError)
@as_problem.register(RecursionError)
@as_problem.register(UnicodeError)
@as_problem.register(DataError)
def _(exc: Exception) -> Problem:
    return UnprocessableValue()


@as_problem.register(OperationalError)
@as_problem.register(InterfaceError)
def _(exc: Exception) -> Problem:
    text = str(exc).lower()
    # 54: program limit exceeded (PostgreSQL's SQLSTATE classes, appendix A).
    state = getattr(exc.__cause__, "sqlstate", None) or ""
    if state.startswith("54") or any(sign in text for sign in _TOO_MUCH):
        return UnprocessableValue()
    if not state and text.startswith(_OUR_MISTAKE):
        return InternalError()
    return DatabaseUnavailable(retry_after=RETRY_AFTER)


def _invalid(errors: list[FieldError]) -> Problem:
    first, more = errors[0], len(errors) - 1
    where = f"{first.param}: " if first.param else ""
    message, message_ar = f"{where}{first.message}", f"{where}{first.message_ar}"
    if more:
        message, message_ar = f"{message} (and {more} more)", f"{message_ar} (وغيره: {more})"
    return InvalidRequest(message, message_ar=message_ar, errors=errors)


def _in_its_words(kind: type[Problem], exc: drf.APIException) -> Problem:
    """A Problem with the sentence and code of `exc` where they say more than DRF's defaults."""
    detail = exc.detail.get("detail", "") if isinstance(exc.detail, Mapping) else exc.detail
    if not isinstance(detail, drf.ErrorDetail):
        return kind()
    default = str(detail) == str(exc.default_detail)
    problem = kind(None if default else str(detail), message_ar=getattr(detail.code, "arabic", ""))
    if detail.code != exc.default_code:
        problem.code = str(detail.code)
    return problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django refuses before a view is reached."""
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    return _plain_answer(request, as_problem(exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    if not _is_api(request):
        return defaults.permission_denied(request, exception)
    return _plain_answer(request, Forbidden())


def page_not_found(
    request: HttpRequest, exception: Exception | None = None, **kwargs: Any
) -> HttpResponse:
    """handler404; also fit as the last route under /api/, where DEBUG would show Django's page."""
    if not _is_api(request):
        return defaults.page_not_found(request, exception or Http404())
    return _plain_answer(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500; Django has logged the exception."""
    if not _is_api(request):
        return defaults.server_error(request)
    return _plain_answer(request, as_problem(sys.exc_info()[1] or Exception()))


def _is_api(request: HttpRequest) -> bool:
    return is_api(request.path)


def _plain_answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    view = getattr(getattr(request.resolver_match, "func", None), "cls", None)
    envelope = getattr(view, "envelope", None) or envelope_of(request.path)
    body = problem_body(problem, request=request, envelope=envelope)
    return HttpResponse(
        ExactJSONRenderer().render(body),
        status=problem.status,
        headers=_headers(problem, problem),
        content_type="application/json",
    )
