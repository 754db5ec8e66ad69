"""The REST door to a check before anything is created."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.openapi import error_responses
from config.problems import FieldError, InvalidRequest
from config.tenancy.models import Tenant
from config.validation import field_errors
from invoicing.api.requests import InvoiceRequestSerializer
from invoicing.services.validation import Assessment, refused_request, validate_invoice

MOST = 100


class InvoicesToValidateSerializer(serializers.Serializer):
    """Up to 100 requests; each is what create takes, and judged apart from the others."""

    invoices = serializers.ListField(
        child=InvoiceRequestSerializer(), min_length=1, max_length=MOST
    )


class CheckFindingSerializer(serializers.Serializer):
    """One thing to put right; `param` is the path in the request."""

    param = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()
    message_ar = serializers.CharField()
    rule = serializers.CharField(allow_null=True, help_text="The official rule's id.")
    expected = serializers.CharField(allow_null=True)
    got = serializers.CharField(allow_null=True)
    source = serializers.ChoiceField(["request", "gate", "daftar"])


class CheckedTotalsSerializer(serializers.Serializer):
    total_tax_exclusive = serializers.DecimalField(15, 2)
    total_tax_amount = serializers.DecimalField(15, 2)
    total_amount = serializers.DecimalField(15, 2)
    payable_amount = serializers.DecimalField(15, 2)


class ForeseenSerializer(serializers.Serializer):
    """How create would answer now."""

    http_status = serializers.IntegerField()
    code = serializers.CharField(
        help_text="created, resumed, revised, refused_by_rules, or the code of the refusal."
    )
    message = serializers.CharField(allow_blank=True)
    message_ar = serializers.CharField(allow_blank=True)
    existing = serializers.DictField(allow_null=True, help_text="The invoice with this number.")


class AssessmentSerializer(serializers.Serializer):
    """The judgement on one request."""

    valid = serializers.BooleanField(help_text="Nothing is wrong with the request itself.")
    invoice_number = serializers.CharField(allow_null=True)
    errors = CheckFindingSerializer(many=True)
    warnings = CheckFindingSerializer(many=True)
    totals = CheckedTotalsSerializer(allow_null=True)
    egs_unit = serializers.CharField(allow_null=True)
    create = ForeseenSerializer()


class AssessmentsSerializer(serializers.Serializer):
    """The judgements in the order of the requests."""

    valid = serializers.IntegerField()
    invalid = serializers.IntegerField()
    results = AssessmentSerializer(many=True)


class ValidateView(APIView):
    """`/api/v1/invoices/validate`."""

    scope = "invoices"

    @extend_schema(
        operation_id="invoices_validate",
        summary="Check one invoice, or up to 100, and keep nothing",
        description="The judgement that create would give: request rules, unit, the official rules "
        "on a draft, and what is known of the number. Nothing is stored, sent or counted. The body "
        'is that of create, or `{"invoices": [...]}`; one bad request never hides the others. '
        "200 means that the judgement is in the body.",
        request=PolymorphicProxySerializer(
            "InvoicesToCheck",
            [InvoiceRequestSerializer, InvoicesToValidateSerializer],
            resource_type_field_name=None,
        ),
        responses={
            200: PolymorphicProxySerializer(
                "InvoicesChecked",
                [AssessmentSerializer, AssessmentsSerializer],
                resource_type_field_name=None,
            ),
            **error_responses(400, 401, 403, 413, 415),
        },
    )
    def post(self, request: Request) -> Response:
        tenant, asked = request.auth.tenant, request.data
        if not isinstance(asked, Mapping) or "invoices" not in asked:
            return Response(_answer(_judged(tenant, asked)))
        found = [_judged(tenant, one) for one in _several(asked["invoices"])]
        valid = sum(assessment.valid for assessment in found)
        counts = {"valid": valid, "invalid": len(found) - valid}
        return Response({**counts, "results": [_answer(assessment) for assessment in found]})


def _several(asked: Any) -> list[Any]:
    if isinstance(asked, list) and 1 <= len(asked) <= MOST:
        return asked
    raise InvalidRequest(
        errors=[
            FieldError(
                "invoices",
                "invalid_list",
                f"Give a list of 1 to {MOST} invoices.",
                f"أرسل قائمة من 1 إلى {MOST} فاتورة.",
            )
        ]
    )


def _judged(tenant: Tenant, asked: Any) -> Assessment:
    said = InvoiceRequestSerializer(data=asked, context={"tenant": tenant})
    try:
        said.is_valid(raise_exception=True)
    except ValidationError as refusal:
        number = asked.get("invoice_number") if isinstance(asked, Mapping) else None
        known = number if isinstance(number, str) else None
        return refused_request(known, list(field_errors(refusal.detail)))
    return validate_invoice(tenant=tenant, payload=said.payload)


def _answer(assessment: Assessment) -> dict[str, Any]:
    create, totals = assessment.create, assessment.totals
    return {
        "valid": assessment.valid,
        "invoice_number": assessment.invoice_number,
        "errors": [_finding(item) for item in assessment.errors],
        "warnings": [_finding(item) for item in assessment.warnings],
        "totals": totals
        and {
            "total_tax_exclusive": totals.tax_exclusive,
            "total_tax_amount": totals.tax,
            "total_amount": totals.tax_inclusive,
            "payable_amount": totals.payable,
        },
        "egs_unit": assessment.egs_unit,
        "create": {
            "http_status": create.http_status,
            "code": create.code,
            "message": create.message,
            "message_ar": create.message_ar,
            "existing": create.existing,
        },
    }


def _finding(item: Mapping[str, Any]) -> dict[str, Any]:
    names = ("param", "code", "message", "message_ar", "rule", "expected", "got", "source")
    return {name: item.get(name) for name in names}
