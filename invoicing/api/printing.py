"""The document for the buyer: as a PDF, and as a link that can be sent."""

from hashlib import sha256

from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.files import FileAnswers
from config.openapi import error_responses
from config.printing.views import attachment
from invoicing import selectors
from invoicing.services import printing

LAYOUT = OpenApiParameter(
    "layout",
    {"type": "string", "enum": list(printing.LAYOUTS), "default": printing.A4},
    description="`receipt` is for 80 mm paper and for simplified documents only.",
)


class PDFView(FileAnswers, APIView):
    """`/api/v1/invoices/{id}/pdf`."""

    scope = "invoices"
    file_types = ("application/pdf",)

    @extend_schema(
        operation_id="invoices_pdf",
        summary="The document for the buyer as PDF/A-3b with its XML inside",
        description="In Arabic and English, as the XML has it: the cleared one where the "
        "authority cleared it. The same document gives the same bytes and the same ETag. 409 "
        "`not_printable` for a tax invoice that is not cleared, and for what was refused.",
        parameters=[LAYOUT],
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            304: OpenApiResponse(description="As in If-None-Match."),
            **error_responses(400, 401, 403, 404, 409),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        layout = request.query_params.get("layout", printing.A4)
        printed = printing.render_pdf(invoice, layout=layout)
        etag = f'"{sha256(printed.content).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        response = HttpResponse(
            printed.content,
            content_type="application/pdf",
            headers=headers | attachment(printed.file_name),
        )
        return get_conditional_response(request, etag=etag, response=response)


class LinkRequestSerializer(serializers.Serializer):
    expires_in_days = serializers.IntegerField(
        min_value=1, max_value=printing.LINK_DAYS_AT_MOST, default=printing.LINK_DAYS
    )


class LinkSerializer(serializers.Serializer):
    url = serializers.CharField(help_text="The page; it needs no credential.")
    pdf_url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class LinkView(APIView):
    """`/api/v1/invoices/{id}/link`."""

    scope = "invoices"

    @extend_schema(
        operation_id="invoices_link",
        summary="A link for the buyer that needs no credential and expires",
        description="Signed, and good for this invoice's current document. Whoever has it may see "
        "the document; it cannot be called back before it expires.",
        request=LinkRequestSerializer,
        responses={201: LinkSerializer, **error_responses(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        said = LinkRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        token, link = printing.issue_link(invoice, days=said.validated_data["expires_in_days"])
        answer = {
            "url": request.build_absolute_uri(reverse("signed-page", args=[token])),
            "pdf_url": request.build_absolute_uri(reverse("signed-pdf", args=[token])),
            "expires_at": link.expires_at,
        }
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})
