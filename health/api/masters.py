"""Patients, tests, panels and test orders over REST: to pick from, never required."""

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.idempotency.api import idempotent
from config.numbers import ExactDecimalField
from config.openapi import IDEMPOTENCY_KEY, PREFER
from config.pagination import EnvelopePagination
from config.preferences import StrictQuery
from config.text import TextField, search_words
from health.api.envelopes import EnvelopeSerializer, enveloped
from health.api.requests import BIGGEST
from health.api.views import TAGS, LabView, refusals, who
from health.models import LabTest, Panel, Patient, SupplyType, TestOrder
from health.parameters import FlagFilter, WholeFilter
from health.services.masters import add_master, change_master


def _text(length: int) -> TextField:
    return TextField(max_length=length, required=False, allow_blank=True)


class OwnReference(serializers.SlugRelatedField):
    """A row of the caller's own tenant, by the number that its own system gives it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="reference", **kwargs)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(tenant=self.context["tenant"])


class MasterSerializer(serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    reference = serializers.IntegerField(min_value=1, max_value=BIGGEST)
    is_active = serializers.BooleanField(required=False)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class PatientSerializer(MasterSerializer):
    """`reference` is what bills call patient_id."""

    name = TextField(max_length=200)
    phone = _text(20)
    email = serializers.EmailField(required=False, allow_blank=True)
    gstin = _text(15)
    state_code = serializers.RegexField(r"\A([0-9]{2})?\Z", required=False, allow_blank=True)


class LabTestSerializer(MasterSerializer):
    """`reference` is what lines call test_id; exempt unless it says otherwise."""

    name = TextField(max_length=200)
    price = ExactDecimalField(decimal_places=2, min_value=0)
    sac = serializers.RegexField(r"\A[0-9]{4,8}\Z", required=False)
    supply_type = serializers.ChoiceField(SupplyType.choices, required=False)
    gst_rate = ExactDecimalField(decimal_places=3, min_value=0, max_value=100, required=False)


class PanelSerializer(LabTestSerializer):
    """`reference` is what lines call panel_id; `tests` are references of tests."""

    tests = OwnReference(queryset=LabTest.objects.all(), many=True, required=False)


class TestOrderSerializer(MasterSerializer):
    """`reference` is what bills call test_order_id; `patient_id` the reference of a patient."""

    __test__ = False

    number = TextField(max_length=50)
    status = _text(20)
    ordered_on = serializers.DateField(required=False, allow_null=True)
    patient_id = OwnReference(
        source="patient", queryset=Patient.objects.all(), required=False, allow_null=True
    )
    referred_by = _text(200)


class MasterFilter(django_filters.FilterSet):
    """`search` looks in names and numbers, in part."""

    search = django_filters.CharFilter(method="by_words", max_length=200)
    reference = WholeFilter()
    is_active = FlagFilter()
    looks_in: ClassVar[tuple[str, ...]] = ("name",)

    def by_words(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        for word in search_words(value):
            found = Q()
            for column in self.looks_in:
                found |= Q(**{f"{column}__icontains": word})
            rows = rows.filter(found)
        return rows


class PatientFilter(MasterFilter):
    looks_in = ("name", "phone")


class TestOrderFilter(MasterFilter):
    __test__ = False

    status = django_filters.CharFilter(max_length=20)
    patient_id = WholeFilter(field_name="patient__reference")
    looks_in = ("number", "referred_by", "patient__name")


class MastersView(LabView, StrictQuery, ListAPIView):
    """A list of masters, and the way to write one down."""

    kind: ClassVar[Any]
    word: ClassVar[str]
    related: ClassVar[tuple[str, ...]] = ()
    pagination_class = EnvelopePagination
    filterset_class = MasterFilter

    @property
    def list_message(self) -> str:
        return f"{self.word}s retrieved successfully"

    def get_queryset(self) -> Any:
        return self.kind.objects.for_tenant(self.request.auth.tenant).prefetch_related(
            *self.related
        )

    def get_serializer_context(self) -> dict[str, Any]:
        auth = getattr(self.request, "auth", None)
        return {**super().get_serializer_context(), "tenant": auth and auth.tenant}

    @idempotent
    def post(self, request: Request) -> Response:
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = add_master(self.kind, request.auth.tenant, said.validated_data, who(request))
        told = self.get_serializer(row).data
        return enveloped(f"{self.word} created successfully", told, said=said, status=201)


class MasterView(LabView, APIView):
    """One master: read, changed, switched off."""

    kind: ClassVar[Any]
    word: ClassVar[str]
    serializer_class: ClassVar[type[MasterSerializer]]

    def get(self, request: Request, pk: int) -> Response:
        return self._told(request, self._row(request, pk), "retrieved")

    def patch(self, request: Request, pk: int) -> Response:
        row = self._row(request, pk)
        said = self.serializer_class(
            data=request.data, partial=True, context={"tenant": request.auth.tenant}
        )
        said.is_valid(raise_exception=True)
        change_master(row, said.validated_data, who(request))
        return self._told(request, row, "updated", said)

    def _row(self, request: Request, pk: int) -> Any:
        return get_object_or_404(self.kind, tenant=request.auth.tenant, pk=pk)

    def _told(self, request: Request, row: Any, what: str, said: Any = None) -> Response:
        told = self.serializer_class(row, context={"tenant": request.auth.tenant}).data
        return enveloped(f"{self.word} {what} successfully", told, said=said)


@cache
def _enveloped(serializer: type[MasterSerializer]) -> type[serializers.Serializer]:
    name = serializer.__name__.replace("Serializer", "EnvelopeSerializer")
    return type(name, (EnvelopeSerializer,), {"data": serializer()})


def documented(name: str, words: str, serializer: type[MasterSerializer]) -> Callable[[Any], Any]:
    """What the OpenAPI document says of a list of masters, or of one."""
    one = _enveloped(serializer)

    def schema(suffix: str, summary: str, **more: Any) -> Any:
        return extend_schema(operation_id=f"{name}_{suffix}", summary=summary, tags=TAGS, **more)

    def decorate(view: Any) -> Any:
        if issubclass(view, MastersView):
            rows, refused = serializer(many=True), refusals(400, 401, 403)
            written = {201: one, **refusals(400, 401, 403, 409, 415, 422)}
            return extend_schema_view(
                get=schema(
                    "list", f"List {words}", parameters=[PREFER], responses={200: rows, **refused}
                ),
                post=schema(
                    "create",
                    f"Write one of the {words} down",
                    parameters=[IDEMPOTENCY_KEY],
                    request=serializer,
                    responses=written,
                ),
            )(view)
        changed = {200: one, **refusals(400, 401, 403, 404, 415)}
        return extend_schema_view(
            get=schema(
                "retrieve", f"One of the {words}", responses={200: one, **refusals(401, 403, 404)}
            ),
            patch=schema(
                "update",
                f"Change one of the {words}",
                request=serializer(partial=True),
                responses=changed,
            ),
        )(view)

    return decorate


@documented("patients", "patients", PatientSerializer)
class PatientsView(MastersView):
    """`/api/v1/health/patients`."""

    kind, word, serializer_class = Patient, "Patient", PatientSerializer
    filterset_class = PatientFilter
    queryset = Patient.objects.none()


@documented("patients", "patients", PatientSerializer)
class PatientView(MasterView):
    """`/api/v1/health/patients/{id}`."""

    kind, word, serializer_class = Patient, "Patient", PatientSerializer


@documented("tests", "tests", LabTestSerializer)
class TestsView(MastersView):
    """`/api/v1/health/tests`."""

    __test__ = False
    kind, word, serializer_class = LabTest, "Test", LabTestSerializer
    queryset = LabTest.objects.none()


@documented("tests", "tests", LabTestSerializer)
class TestView(MasterView):
    """`/api/v1/health/tests/{id}`."""

    __test__ = False
    kind, word, serializer_class = LabTest, "Test", LabTestSerializer


@documented("panels", "panels", PanelSerializer)
class PanelsView(MastersView):
    """`/api/v1/health/panels`."""

    kind, word, serializer_class = Panel, "Panel", PanelSerializer
    related = ("tests",)
    queryset = Panel.objects.none()


@documented("panels", "panels", PanelSerializer)
class PanelView(MasterView):
    """`/api/v1/health/panels/{id}`."""

    kind, word, serializer_class = Panel, "Panel", PanelSerializer


@documented("test_orders", "test orders", TestOrderSerializer)
class TestOrdersView(MastersView):
    """`/api/v1/health/testorders`."""

    __test__ = False
    kind, word, serializer_class = TestOrder, "Test order", TestOrderSerializer
    filterset_class = TestOrderFilter
    related = ("patient",)
    queryset = TestOrder.objects.none()


@documented("test_orders", "test orders", TestOrderSerializer)
class TestOrderView(MasterView):
    """`/api/v1/health/testorders/{id}`."""

    __test__ = False
    kind, word, serializer_class = TestOrder, "Test order", TestOrderSerializer
