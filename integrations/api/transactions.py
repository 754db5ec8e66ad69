"""Transactions in: every entry path is the same view (contracts 34)."""

from typing import Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api import RateLimited
from config.idempotency.api import idempotent
from config.middleware import request_id
from config.openapi import IDEMPOTENCY_KEY, error_responses
from config.problems import FieldError
from config.text import text_problem
from integrations import errors, selectors
from integrations.api.answers import (
    POLL_SECONDS,
    TransactionAnswerSerializer,
    address,
    http_status,
    transaction_answer,
)
from integrations.api.payloads import EXAMPLE, TritonPayloadSerializer
from integrations.models import TritonTransaction
from integrations.models.transactions import FINAL, STUCK
from integrations.services.receiving import receive
from integrations.services.running import run
from integrations.triton.errors import Unfit
from integrations.triton.kinds import transaction_type

WORDS = ("new", "update")
YES_OR_NO = {"true": True, "1": True, "false": False, "0": False}
LONGEST_EXTERNAL_ID = 200

SYNC_MODE = OpenApiParameter(
    "sync_mode",
    {"type": "boolean", "default": True},
    description="`true`: processed in the request, and answered 202 where that takes longer than "
    "the deadline. `false`: stored, answered 202 at once, processed by the worker.",
)
EXTERNAL_ID = OpenApiParameter(
    "external_id",
    {"type": "string", "maxLength": LONGEST_EXTERNAL_ID},
    description="An id of the caller's own; also taken from the header `X-External-ID`.",
)
SOURCE = OpenApiParameter(
    "source",
    {"type": "string", "default": selectors.TRITON},
    description="The source; the paths below `/api/sources/` name it themselves.",
)
PARAMETERS = [SYNC_MODE, EXTERNAL_ID, IDEMPOTENCY_KEY]
# Where the path does not name it.
OF_SOURCE = [*PARAMETERS, SOURCE]
POST: dict[str, Any] = {
    "summary": "Post a transaction: bind, unbind, issue, endorse, cancel, reinstate",
    "description": "Stored before anything is done. 200: the verdict is in the body, be it "
    "`completed`, or `failed` or `needs_attention` with IMS's words in `ims_details.error`. 202 "
    "with `Location`: it is stored and Daftar goes on with it. The same `transaction_id` with the "
    "same content is the same transaction, with other content 409. The type is that of the "
    "payload; the word of the path counts where the payload names none.",
    "tags": ["policies"],
    "request": TritonPayloadSerializer,
    "examples": [OpenApiExample("A bind", EXAMPLE, request_only=True)],
    "responses": {
        200: TransactionAnswerSerializer,
        202: OpenApiResponse(TransactionAnswerSerializer, "Stored; see `Location`."),
        **error_responses(400, 401, 403, 404, 409, 413, 415, 422, 429),
    },
}
GET: dict[str, Any] = {
    "summary": "A transaction with its processing log",
    "tags": ["policies"],
    "responses": {200: TransactionAnswerSerializer, **error_responses(401, 403, 404)},
}


class NewView(APIView):
    """`/api/triton/transaction/new`, as D0 has it."""

    scope = "integrations"

    @extend_schema(operation_id="policies_new", parameters=OF_SOURCE, **POST)
    @idempotent
    def post(self, request: Request) -> Response:
        return take(request, "new", _source(request))


class WebhookView(NewView):
    """`/api/triton/webhook`: the same."""

    @extend_schema(operation_id="policies_webhook", parameters=OF_SOURCE, **POST)
    @idempotent
    def post(self, request: Request) -> Response:
        return take(request, "new", _source(request))


class OldEntryView(NewView):
    """The same, where the first generation posted to."""

    @extend_schema(operation_id="policies_entry", parameters=OF_SOURCE, **POST)
    @idempotent
    def post(self, request: Request) -> Response:
        return take(request, "new", _source(request))


class TransactionView(APIView):
    """`…/transaction/{word}` for POST, `…/transaction/{transaction_id}` for GET."""

    scope = "integrations"

    @extend_schema(operation_id="policies_post", parameters=OF_SOURCE, **POST)
    @idempotent
    def post(self, request: Request, name: str) -> Response:
        return take(request, name, _source(request))

    @extend_schema(operation_id="policies_get", parameters=[SOURCE], **GET)
    def get(self, request: Request, name: str) -> Response:
        return show(request, name, _source(request))


class SourceTransactionView(APIView):
    """As above, the source in the path."""

    scope = "integrations"

    @extend_schema(operation_id="policies_source_post", parameters=PARAMETERS, **POST)
    @idempotent
    def post(self, request: Request, name: str, source: str) -> Response:
        return take(request, name, source)

    @extend_schema(operation_id="policies_source_get", **GET)
    def get(self, request: Request, name: str, source: str) -> Response:
        return show(request, name, source)


class OldTransactionView(TransactionView):
    """The same at the oldest path."""

    @extend_schema(operation_id="policies_old_post", parameters=OF_SOURCE, **POST)
    @idempotent
    def post(self, request: Request, name: str) -> Response:
        return take(request, name, _source(request))

    @extend_schema(operation_id="policies_old_get", parameters=[SOURCE], **GET)
    def get(self, request: Request, name: str) -> Response:
        return show(request, name, _source(request))


def take(request: Request, word: str, source: str) -> Response:
    """Store it, run it as far as the caller waits, and say what became of it."""
    _known_word(word)
    sync_mode, external_id = _sync_mode(request), _external_id(request)
    said_id = request.data.get("transaction_id")
    if wait := selectors.seconds_to_wait(request.auth.tenant, source, said_id):
        raise RateLimited(retry_after=wait)
    received = receive(
        request.auth.tenant,
        source,
        request.data,
        path_word=word,
        external_id=external_id,
        actor=request.auth.actor,
        request_id=request_id(request) or "",
    )
    transaction = received.transaction
    if sync_mode and transaction.status not in (*FINAL, *STUCK):
        transaction = run(transaction, seconds=float(settings.IMS_SYNC_DEADLINE))
    is_queued = not sync_mode and (received.is_new or received.resumed)
    return _answer(request, transaction, queued=is_queued)


def show(request: Request, transaction_id: str, source: str) -> Response:
    transaction = selectors.get_transaction(request.auth.tenant, source, transaction_id)
    answer = transaction_answer(transaction, request_id=request_id(request), with_logs=True)
    return Response(answer)


def _answer(request: Request, transaction: TritonTransaction, *, queued: bool) -> Response:
    code = http_status(transaction)
    headers = {"Location": address(transaction)}
    if code == 202:
        headers["Retry-After"] = str(POLL_SECONDS)
    answer = transaction_answer(transaction, request_id=request_id(request), queued=queued)
    return Response(answer, status=code, headers=headers)


def _known_word(word: str) -> None:
    try:
        if word not in WORDS:
            transaction_type(word)
    except Unfit:
        raise Http404 from None


def _source(request: Request) -> str:
    return request.query_params.get("source", selectors.TRITON)


def _sync_mode(request: Request) -> bool:
    said = request.query_params.get("sync_mode", "true").lower()
    if said not in YES_OR_NO:
        raise _refused(
            "sync_mode", "sync_mode is true or false.", "قيمة sync_mode إما true أو false."
        )
    return YES_OR_NO[said]


def _external_id(request: Request) -> str:
    said: Any = request.query_params.get("external_id") or request.headers.get("X-External-ID", "")
    if len(said) > LONGEST_EXTERNAL_ID:
        raise _refused("external_id", "At most 200 characters.", "200 محرف على الأكثر.")
    if problem := text_problem(said):
        raise _refused("external_id", problem.en, problem.ar)
    return said


def _refused(name: str, message: str, message_ar: str) -> errors.PayloadInvalid:
    error = FieldError(name, "invalid", message, message_ar)
    return errors.PayloadInvalid(message, message_ar=message_ar, errors=[error])
