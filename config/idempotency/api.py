"""`Idempotency-Key` on POST views: carried out once, answered again with the same bytes."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar

import structlog
from django.db import DatabaseError, transaction
from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.idempotency.errors import InFlight, InvalidKey
from config.idempotency.models import IdempotencyKey
from config.idempotency.services import LONGEST_WAIT, claim_key, keep_answer, release_key
from config.json import ExactJSONRenderer, fingerprint

_KEY = re.compile(r"[!-~]{1,255}\Z")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Preference-Applied")

Method = TypeVar("Method", bound=Callable[..., HttpResponseBase])
log = structlog.get_logger(__name__)


def idempotent(method: Method) -> Method:
    """For a view's ``post`` or ``create``: honours the header, does nothing without it.

    The same key and body get the first answer again, status, body bytes and Location, with
    ``Idempotent-Replayed: true``; the same key with another body is 422, one in flight 409. Answers
    that only say "later" (429, 5xx, anything with Retry-After) are not kept. Query and path count;
    the two spellings of a path are one.
    """

    @wraps(method)
    def keyed(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.auth is None:
            return method(view, request, *args, **kwargs)
        if not _KEY.match(key):
            raise InvalidKey
        row = claim_key(
            tenant_id=request.auth.tenant.pk,
            method=request.method or "",
            path=request.path.rstrip("/"),
            key=key,
            fingerprint=fingerprint([request.META.get("QUERY_STRING", ""), request.data]),
        )
        if row.status_code is not None:
            return _replay(row)
        return _carry_out(row, view, request, lambda: method(view, request, *args, **kwargs))

    return keyed


def once(
    request: Request, part: str, content: Any, run: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """For a view under `idempotent`: carry out `part` of the request once, whatever comes between.

    What `run` writes and what it tells commit together, so that the same request sent again after
    its answer was lost, or half of it was done, is told the same and writes nothing twice. What
    raises is not remembered. Without a key it just runs. Raises InFlight.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return run()
    row = claim_key(
        tenant_id=request.auth.tenant.pk,
        method=request.method or "",
        path=f"{request.path.rstrip('/')}/{part}",
        key=key,
        fingerprint=fingerprint(content),
    )
    if row.status_code is not None:
        return json.loads(row.response_body or "", parse_float=Decimal)
    try:
        with transaction.atomic():
            told = run()
            body = ExactJSONRenderer().render(told).decode()
            if not keep_answer(row, status=200, body=body, headers={}):
                # Our lease ran out and another carries it out: undo ours.
                raise InFlight(retry_after=LONGEST_WAIT)
    except Exception:
        release_key(row)
        raise
    return told


def _carry_out(
    row: IdempotencyKey, view: APIView, request: Request, run: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    try:
        response = _answer(view, request, run)
    except Exception:
        release_key(row)
        raise
    try:
        _remember(row, response)
    except DatabaseError:
        # The answer is true whether or not it can be remembered; the lease will run out.
        log.exception("idempotency_answer_not_kept", key_row=row.pk)
    return response


def _answer(
    view: APIView, request: Request, run: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """What leaves the house: refusals included, and rendered, since bytes are what is kept."""
    try:
        response = run()
    except Exception as exc:
        response = view.handle_exception(exc)
    response = view.finalize_response(request, response, *view.args, **view.kwargs)
    return response.render() if isinstance(response, Response) else response


def _remember(row: IdempotencyKey, response: HttpResponseBase) -> None:
    later = response.status_code == 429 or response.status_code >= 500
    if later or "Retry-After" in response:
        release_key(row)
        return
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    body = response.content.decode()
    keep_answer(row, status=response.status_code, body=body, headers=headers)


def _replay(row: IdempotencyKey) -> HttpResponse:
    headers = {**row.response_headers, "Idempotent-Replayed": "true"}
    return HttpResponse(row.response_body.encode(), status=row.status_code, headers=headers)
