"""EGS units: register them, get them their CSID, see until when they may seal. Never a secret."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.openapi import ErrorSerializer, error_responses
from config.text import TextField
from invoicing.models import Chain, ChainState, EGSUnit
from invoicing.services.csids import revoke_csid
from invoicing.services.onboarding import (
    adopt_csid,
    onboard_unit,
    register_unit,
    update_unit,
)
from invoicing.services.renewal import renew_unit
from invoicing.services.units import hold_unit, resume_unit

BASE = "/api/v1/egs-units"
REFUSED_BY_ZATCA = {
    502: OpenApiResponse(ErrorSerializer, "The authority refused; the unit keeps the CSID it had.")
}


class UnitRequestSerializer(serializers.Serializer):
    """What a taxpayer says about a unit; it stands on documents and in the certificate request.

    The VAT number is the tenant's. `issues_standard` and `issues_simplified` become part of the
    certificate: onboard the unit again after changing them.
    """

    name = TextField(max_length=64, help_text="Named in requests as `egs_unit`.")
    issues_standard = serializers.BooleanField(required=False)
    issues_simplified = serializers.BooleanField(required=False)
    is_default = serializers.BooleanField(
        required=False, help_text="Taken when a request names no unit and there are several."
    )
    is_active = serializers.BooleanField(required=False)
    organization_name = TextField(max_length=200)
    organization_unit = TextField(
        max_length=200, help_text="Branch name; the member's 10-digit TIN in a VAT group."
    )
    id_scheme = serializers.ChoiceField(["CRN", "MOM", "MLS", "SAG", "OTH", "700"], required=False)
    id_number = TextField(max_length=50)
    street = TextField(max_length=200)
    additional_street = TextField(max_length=200, required=False, allow_blank=True)
    building_number = serializers.RegexField(r"\A[0-9]{4}\Z", help_text="Four digits.")
    plot_identification = TextField(max_length=10, required=False, allow_blank=True)
    district = TextField(max_length=200)
    city = TextField(max_length=200)
    postal_code = serializers.RegexField(r"\A[0-9]{5}\Z", help_text="Five digits.")
    business_category = TextField(max_length=200, required=False)


class CSIDSerializer(serializers.ModelSerializer):
    """The production CSID in use, without its secret, and how far its chain has come."""

    class Meta:
        model = Chain
        fields = (
            "certificate_serial",
            "certificate_issuer",
            "valid_from",
            "expires_at",
            "activated_at",
            "last_icv",
        )


class UnitSerializer(serializers.ModelSerializer):
    csid = serializers.SerializerMethodField()
    can_seal = serializers.SerializerMethodField()

    class Meta:
        model = EGSUnit
        fields = (
            "id", "name", "vat_number", "issues_standard", "issues_simplified", "is_default",
            "is_active", "organization_name", "organization_unit", "id_scheme", "id_number",
            "street", "additional_street", "building_number", "plot_identification", "district",
            "city", "postal_code", "business_category", "can_seal", "csid", "paused_at",
            "paused_reason", "paused_by", "created_at", "updated_at",
        )  # fmt: skip

    def get_csid(self, unit: EGSUnit) -> CSIDSerializer(allow_null=True):  # type: ignore[valid-type]
        chain = _chain(unit)
        return CSIDSerializer(chain).data if chain else None

    def get_can_seal(self, unit: EGSUnit) -> bool:
        chain = _chain(unit)
        return unit.is_active and chain is not None and chain.can_seal()


class UnitListSerializer(serializers.Serializer):
    egs_units = UnitSerializer(many=True)


class OTPSerializer(serializers.Serializer):
    otp = serializers.RegexField(
        r"\A[0-9]{6}\Z", help_text="One-time password of the Fatoora portal, valid for an hour."
    )


class ReasonSerializer(serializers.Serializer):
    reason = TextField(max_length=500, help_text="Why; it is shown to everybody who looks.")


class ExistingCSIDSerializer(serializers.Serializer):
    certificate = serializers.CharField(
        max_length=20_000, help_text="PEM, base64 DER, or a binarySecurityToken."
    )
    private_key = serializers.CharField(max_length=20_000, help_text="PEM; kept encrypted.")
    secret = serializers.CharField(max_length=1000, help_text="The CSID's secret; kept encrypted.")


class UnitView(APIView):
    """Reading asks `invoices:read`, everything else `admin`."""

    @property
    def scope(self) -> str:
        return "invoices:read" if self.request.method in SAFE_METHODS else "admin"

    def get_unit(self, pk: int) -> EGSUnit:
        return get_object_or_404(_units(self.request), pk=pk)

    def answer(self, pk: int, **more: Any) -> Response:
        """The unit as it is now."""
        return Response(UnitSerializer(self.get_unit(pk)).data, **more)


class UnitsView(UnitView):
    """`/api/v1/egs-units`."""

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_list",
        summary="The tenant's EGS units, with their certificates' expiry",
        responses={200: UnitListSerializer, **error_responses(401, 403)},
    )
    def get(self, request: Request) -> Response:
        return Response({"egs_units": UnitSerializer(_units(request), many=True).data})

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_create",
        summary="Register an EGS unit; it can seal once it is onboarded",
        request=UnitRequestSerializer,
        responses={201: UnitSerializer, **error_responses(400, 401, 403, 409)},
    )
    def post(self, request: Request) -> Response:
        said = UnitRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        unit = register_unit(tenant=request.auth.tenant, **said.validated_data)
        return self.answer(unit.pk, status=201, headers={"Location": f"{BASE}/{unit.pk}"})


class OneUnitView(UnitView):
    """`/api/v1/egs-units/{id}`."""

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_retrieve",
        summary="One EGS unit",
        responses={200: UnitSerializer, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(pk)

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_update",
        summary="Change what an EGS unit says of itself, from its next document on",
        request=UnitRequestSerializer(partial=True),
        responses={200: UnitSerializer, **error_responses(400, 401, 403, 404, 409)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        unit = self.get_unit(pk)
        said = UnitRequestSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        update_unit(unit, **said.validated_data)
        return self.answer(pk)


class OnboardView(UnitView):
    """`/api/v1/egs-units/{id}/onboard`."""

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_onboard",
        summary="Get the unit a production CSID: key, CSR, compliance documents, all in one",
        description="Eight calls to the authority, some seconds. The private key is made here "
        "and never leaves. An onboarded unit gets a new CSID and a new chain, from ICV 1.",
        request=OTPSerializer,
        responses={200: UnitSerializer, **error_responses(400, 401, 403, 404), **REFUSED_BY_ZATCA},
        examples=[OpenApiExample("From the portal", value={"otp": "123456"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        unit = self.get_unit(pk)
        said = OTPSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        onboard_unit(unit, otp=said.validated_data["otp"], by=request.auth.actor)
        return self.answer(pk)


class CertificateView(UnitView):
    """`/api/v1/egs-units/{id}/certificate`."""

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_adopt_certificate",
        summary="Start a chain with a production CSID that exists already",
        description="For moving in from other software, and for the authority's own sandbox, whose "
        "production certificate is fixed. The chain starts at ICV 1.",
        request=ExistingCSIDSerializer,
        responses={200: UnitSerializer, **error_responses(400, 401, 403, 404), **REFUSED_BY_ZATCA},
    )
    def post(self, request: Request, pk: int) -> Response:
        unit = self.get_unit(pk)
        said = ExistingCSIDSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        adopt_csid(unit, **said.validated_data, by=request.auth.actor)
        return self.answer(pk)


class RenewView(UnitView):
    """`/api/v1/egs-units/{id}/renew`."""

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_renew",
        summary="Trade the unit's CSID for a new one, before it expires",
        description="A new key and, under the new CSID, a new chain from ICV 1; what is sealed "
        "already keeps its own. Where the authority asks for the compliance documents again, they "
        "are sent in the same call. Until it is done the unit seals with the CSID it has.",
        request=OTPSerializer,
        responses={
            200: UnitSerializer,
            **error_responses(400, 401, 403, 404, 409),
            **REFUSED_BY_ZATCA,
        },
        examples=[OpenApiExample("From the portal", value={"otp": "123456"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        unit = self.get_unit(pk)
        said = OTPSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        renew_unit(unit, otp=said.validated_data["otp"], by=request.auth.actor)
        return self.answer(pk)


class RevokeView(UnitView):
    """`/api/v1/egs-units/{id}/revoke`."""

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_revoke",
        summary="Destroy the unit's key and secret: it seals nothing until it is onboarded again",
        description="For a key that is lost or leaked, or a unit that is given up. The authority "
        "has no call for it: revoke the CSID in the Fatoora portal, too. What is sealed and not "
        "sent waits, and goes out unchanged with the next CSID.",
        request=ReasonSerializer,
        responses={200: UnitSerializer, **error_responses(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        revoke_csid(self.get_unit(pk), reason=_reason(request), by=request.auth.actor)
        return self.answer(pk)


class PauseView(UnitView):
    """`/api/v1/egs-units/{id}/pause`."""

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_pause",
        summary="Stop a unit's sending; it still seals, and what it seals waits",
        description="Only a resume ends it. A retry by hand still goes out.",
        request=ReasonSerializer,
        responses={200: UnitSerializer, **error_responses(400, 401, 403, 404)},
    )
    def post(self, request: Request, pk: int) -> Response:
        hold_unit(self.get_unit(pk), reason=_reason(request), by=request.auth.actor)
        return self.answer(pk)


class ResumeView(UnitView):
    """`/api/v1/egs-units/{id}/resume`."""

    @extend_schema(
        tags=["egs-units"],
        operation_id="egs_units_resume",
        summary="Let a paused unit send again; its waiting documents are due at once",
        request=None,
        responses={200: UnitSerializer, **error_responses(401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        resume_unit(self.get_unit(pk), by=request.auth.actor)
        return self.answer(pk)


def _reason(request: Request) -> str:
    said = ReasonSerializer(data=request.data)
    said.is_valid(raise_exception=True)
    return said.validated_data["reason"]


def _units(request: Request) -> QuerySet[EGSUnit]:
    active = Prefetch(
        "chains", queryset=Chain.objects.filter(state=ChainState.ACTIVE), to_attr="in_use"
    )
    return (
        EGSUnit.objects.for_tenant(request.auth.tenant)
        .select_related("tenant")
        .prefetch_related(active)
    )


def _chain(unit: EGSUnit) -> Chain | None:
    return unit.in_use[0] if unit.in_use else None
