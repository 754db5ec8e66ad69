"""`/api/v1/tenant/branding`: how the caller's documents look. Scope `admin`."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.openapi import error_responses
from config.printing.logos import Logo, logo_of
from config.printing.models import Branding
from config.printing.selectors import branding_of
from config.printing.services import set_branding
from config.text import TextField
from config.validation import refusal


class LogoField(serializers.CharField):
    """The file in base64, in; a data URI, out."""

    def to_internal_value(self, data: Any) -> Logo:
        text = super().to_internal_value(data)
        try:
            content = b64decode(text, validate=True)
        except (Base64Error, ValueError):
            raise refusal("invalid", "This is not base64.", "هذه ليست قيمة base64.") from None
        return logo_of(content)

    def to_representation(self, value: Logo) -> str:
        return value.data_uri


class BrandingSerializer(serializers.Serializer):
    accent_colour = serializers.RegexField(
        r"\A#[0-9a-fA-F]{6}\Z", required=False, help_text="Such as #0f766e."
    )
    footer = TextField(multiline=True, max_length=500, allow_blank=True, required=False)
    logo = LogoField(
        source="picture",
        allow_null=True,
        required=False,
        trim_whitespace=False,
        help_text="PNG, JPEG or SVG of at most 256 KB in base64; null takes it away. Answered as a "
        "data URI.",
    )


class BrandingView(APIView):
    """How the documents of the caller's tenant look; permission `admin`."""

    scope = "admin"

    @extend_schema(
        operation_id="get_branding",
        summary="Show how printed documents look",
        tags=["tenant"],
        responses={200: BrandingSerializer, **error_responses(401, 403)},
    )
    def get(self, request: Request) -> Response:
        return Response(_answer(branding_of(request.auth.tenant)))

    @extend_schema(
        operation_id="set_branding",
        summary="Change logo, colour and footer of printed documents",
        description="What is not sent stays. The logo is looked at and set once before it is kept; "
        "pictures with scripts or references to other files are refused.",
        tags=["tenant"],
        request=BrandingSerializer,
        responses={200: BrandingSerializer, **error_responses(400, 401, 403, 413)},
    )
    def patch(self, request: Request) -> Response:
        said = BrandingSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        changes = dict(said.validated_data)
        if "picture" in changes:
            changes["logo"] = changes.pop("picture")
        return Response(_answer(set_branding(tenant=request.auth.tenant, **changes)))


def _answer(branding: Branding) -> dict[str, Any]:
    return BrandingSerializer(branding).data
