"""An invoice asked for by hand: the paths of three generations, one service behind them."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.files import FileAnswers
from config.openapi import error_responses
from config.printing.views import attachment
from config.problems import FieldError
from integrations import errors
from integrations.api.invoice_answers import (
    InvoiceAnswerSerializer,
    LatestInvoiceSerializer,
    PDFAnswerSerializer,
    full_answer,
    latest_answer,
)
from integrations.ims import Invoice
from integrations.models import IMSInvoice
from integrations.services.invoices import find_invoice, live_invoice, print_invoice
from integrations.services.payloads import said_by

YES_OR_NO = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
# IMS's invoice numbers are its integers; an opportunity may have as many digits as a payload's.
LARGEST_NUMBER, LARGEST_OPPORTUNITY = 2**31 - 1, 10**18 - 1
PDF, BASE64 = "pdf", "base64"


def _flag(name: str, default: bool, description: str) -> OpenApiParameter:
    schema = {"type": "boolean", "default": default}
    return OpenApiParameter(name, schema, description=description)


REFRESH = _flag("refresh", False, "Ask IMS again, instead of the copy that is kept.")
PAYMENT = _flag("include_payment_info", True, "How to pay: never kept, so that IMS is asked.")
FORMATTED = _flag("format_currency", True, "Amounts in words as well, as $1,234.50.")
FORMAT = OpenApiParameter(
    "format",
    {"type": "string", "enum": [PDF, BASE64], "default": PDF},
    description="Of the answer.",
)
KEYS = (
    OpenApiParameter("invoice_num", OpenApiTypes.INT, description="IMS's number."),
    OpenApiParameter("quote_guid", OpenApiTypes.UUID, description="Exactly that transaction's."),
    OpenApiParameter("policy_number", OpenApiTypes.STR, description="The policy's latest."),
    OpenApiParameter(
        "opportunity_id",
        {"type": "integer", "minimum": 0, "maximum": LARGEST_OPPORTUNITY},
        description="The policy's latest.",
    ),
    OpenApiParameter("transaction_id", OpenApiTypes.STR, description="Exactly that transaction's."),
)
SOURCE = OpenApiParameter(
    "source",
    OpenApiTypes.STR,
    description="Of this source alone. Without it, an opportunity or transaction is `triton`'s.",
)


class InvoiceView(APIView):
    """What the manual endpoints share: who may, and how a refusal looks."""

    scope = "integrations"

    def handle_exception(self, exc: Exception) -> Response:
        """The callers' own shape beside the house's: `success`, and `detail` as they know it."""
        response = super().handle_exception(exc)
        error = dict(response.data["error"])
        error["details"] = [f"{one['param']}: {one['message']}" for one in error["errors"]] or None
        response.data = {"success": False, "message": error["message"]} | response.data
        response.data["error"] = error
        return response


class OldInvoiceView(InvoiceView):
    def handle_exception(self, exc: Exception) -> Response:
        """Here `detail` is an object."""
        response = super().handle_exception(exc)
        told = {key: response.data["error"][key] for key in ("code", "message", "details")}
        response.data["detail"] = {"success": False, "error": told}
        return response


class FindView(InvoiceView):
    """`/api/triton/invoice`: by one of five keys."""

    @extend_schema(
        operation_id="policies_invoice",
        summary="The invoice of a policy, quote, opportunity or transaction",
        description="The copy that is kept, or with `refresh=1` what IMS says now. Only a quote or "
        "a transaction names one invoice for certain; the others mean the latest.",
        tags=["policies"],
        parameters=[*KEYS, SOURCE, REFRESH],
        responses={200: InvoiceAnswerSerializer, **error_responses(400, 401, 403, 404, 500)},
    )
    def get(self, request: Request) -> Response:
        refresh = _yes(request, "refresh", default=False)
        source = request.query_params.get("source")
        invoice = find_invoice(request.auth.tenant, **_key(request), source=source, refresh=refresh)
        return Response(full_answer(invoice, invoice.live))


class LatestView(OldInvoiceView):
    """`/api/v1/invoice/policy/{policy_number}/latest`."""

    @extend_schema(
        operation_id="policies_invoice_latest",
        summary="The latest invoice of a policy, for billing",
        tags=["policies"],
        parameters=[PAYMENT, FORMATTED, SOURCE, REFRESH],
        responses={200: LatestInvoiceSerializer, **error_responses(400, 401, 403, 404, 500)},
    )
    def get(self, request: Request, policy_number: str) -> Response:
        references = {"policy_number": policy_number}
        return _latest(request, {"policy_number": policy_number}, references)


class LatestOfQuoteView(OldInvoiceView):
    """`/api/v1/invoice/quote/{quote_id}/latest`."""

    @extend_schema(
        operation_id="policies_invoice_of_quote",
        summary="The invoice of a quote, for billing",
        tags=["policies"],
        parameters=[PAYMENT, FORMATTED, SOURCE, REFRESH],
        responses={200: LatestInvoiceSerializer, **error_responses(400, 401, 403, 404, 500)},
    )
    def get(self, request: Request, quote_id: str) -> Response:
        try:
            guid = UUID(quote_id)
        except ValueError:
            raise errors.InvoiceNotFound from None
        return _latest(request, {"quote_guid": guid}, {"quote_id": quote_id})


class PDFView(FileAnswers, OldInvoiceView):
    """`/api/v1/invoice/policy/{policy_number}/pdf`."""

    file_types = ("application/pdf",)

    @extend_schema(
        operation_id="policies_invoice_pdf",
        summary="The latest invoice of a policy as IMS prints it",
        tags=["policies"],
        parameters=[FORMAT, SOURCE],
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "application/json"): PDFAnswerSerializer,
            500: OpenApiResponse(
                description="`INVOICE_GENERATION_FAILED`, with `Retry-After`, or "
                "`INVOICE_RETRIEVAL_ERROR`."
            ),
            **error_responses(400, 401, 403, 404),
        },
    )
    def get(self, request: Request, policy_number: str) -> HttpResponse:
        wanted = request.query_params.get("format", PDF)
        if wanted not in (PDF, BASE64):
            raise _refused("format", "The format is pdf or base64.", "الصيغة إما pdf أو base64.")
        source = request.query_params.get("source")
        invoice = find_invoice(request.auth.tenant, policy_number=policy_number, source=source)
        content = print_invoice(invoice)
        name = f"invoice-{invoice.ims_invoice_num}.pdf"
        if wanted == PDF:
            return HttpResponse(
                content,
                content_type="application/pdf",
                headers={"Cache-Control": "private, no-store"} | attachment(name),
            )
        told = {
            "invoice_number": invoice.invoice_number,
            "policy_number": policy_number,
            "filename": name,
            "content_type": "application/pdf",
            "pdf_base64": b64encode(content).decode(),
            "size_bytes": len(content),
            "generated_at": timezone.now(),
        }
        return Response({"success": True, "invoice": told})


def _latest(request: Request, key: Mapping[str, Any], references: Mapping[str, str]) -> Response:
    with_payment = _yes(request, "include_payment_info", default=True)
    formatted = _yes(request, "format_currency", default=True)
    refresh = _yes(request, "refresh", default=False)
    source = request.query_params.get("source")
    invoice = find_invoice(request.auth.tenant, **key, source=source, refresh=refresh)
    answer = latest_answer(
        invoice,
        _live(invoice) if with_payment else None,
        said_by(invoice.transaction),
        formatted=formatted,
        references=references,
    )
    return Response(answer)


def _live(invoice: IMSInvoice) -> Invoice | None:
    """How to pay is asked for; where IMS cannot be asked, the copy goes without."""
    try:
        return live_invoice(invoice)
    except (errors.InvoiceRetrieval, errors.InvoiceNotFound):
        return None


def _key(request: Request) -> dict[str, Any]:
    """The first of the keys that is given. Raises InvoiceKeyMissing, and 400 for an odd one."""
    said = request.query_params
    if text := said.get("invoice_num"):
        return {"invoice_num": _whole("invoice_num", text, LARGEST_NUMBER)}
    if text := said.get("quote_guid"):
        try:
            return {"quote_guid": UUID(text)}
        except ValueError:
            raise _refused("quote_guid", "This is no GUID.", "هذا ليس GUID.") from None
    if text := said.get("policy_number"):
        return {"policy_number": text}
    if text := said.get("opportunity_id"):
        return {"opportunity_id": _whole("opportunity_id", text, LARGEST_OPPORTUNITY)}
    if text := said.get("transaction_id"):
        return {"transaction_id": text}
    raise errors.InvoiceKeyMissing


def _whole(name: str, text: str, largest: int) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) > largest:
        raise _refused(name, "This is no such number.", "هذا ليس رقمًا صالحًا.")
    return int(text)


def _yes(request: Request, name: str, *, default: bool) -> bool:
    said = request.query_params.get(name)
    if said is None:
        return default
    if said.lower() not in YES_OR_NO:
        raise _refused(name, f"{name} is true or false.", f"قيمة {name} إما true أو false.")
    return YES_OR_NO[said.lower()]


def _refused(name: str, message: str, message_ar: str) -> errors.InvoiceKeyMissing:
    error = FieldError(name, "invalid", message, message_ar)
    return errors.InvoiceKeyMissing(message, message_ar=message_ar, errors=[error])
