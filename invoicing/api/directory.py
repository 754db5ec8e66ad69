"""The directory over REST: buyers and products to pick from; deactivated, never deleted."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.numbers import ExactDecimalField
from config.openapi import PREFER, error_responses
from config.pagination import InvoicePagination
from config.preferences import StrictQuery
from config.text import TextField, search_words
from invoicing.models import Buyer, Product
from invoicing.services.directory import add_buyer, add_product, change_row
from invoicing.zatca.documents import VatCategory
from invoicing.zatca.rules.parties import BUYER_SCHEMES

SCHEMES = sorted(BUYER_SCHEMES)


def _text(length: int) -> TextField:
    return TextField(max_length=length, required=False, allow_blank=True)


class BuyerRequestSerializer(serializers.Serializer):
    """What is known of a buyer; empty text means unknown."""

    name = TextField(max_length=450)
    name_ar = _text(450)
    code = _text(64)
    vat_number = _text(15)
    id_scheme = TextField(
        max_length=3, required=False, allow_blank=True, help_text=", ".join(SCHEMES)
    )
    id_number = _text(50)
    street = _text(1000)
    building_number = _text(10)
    additional_street = _text(127)
    plot_identification = _text(10)
    district = _text(127)
    city = _text(127)
    postal_code = _text(20)
    country_subentity = _text(127)
    country_code = serializers.RegexField(r"\A[A-Z]{2}\Z", required=False)
    email = serializers.EmailField(required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)


class BuyerSerializer(serializers.ModelSerializer):
    id_scheme = serializers.CharField()

    class Meta:
        model = Buyer
        fields = (
            "id", "code", "name", "name_ar", "vat_number", "id_scheme", "id_number", "street",
            "building_number", "additional_street", "plot_identification", "district", "city",
            "postal_code", "country_subentity", "country_code", "email", "is_active",
            "created_at", "updated_at",
        )  # fmt: skip


class ProductRequestSerializer(serializers.Serializer):
    """A product, its price before VAT, and how it is taxed."""

    name = TextField(max_length=450)
    name_ar = _text(450)
    code = _text(64)
    unit_code = TextField(max_length=20, required=False)
    unit_price = ExactDecimalField(decimal_places=6, min_value=0)
    tax_category = serializers.ChoiceField(list(VatCategory), required=False)
    tax_rate = serializers.ChoiceField([15, 5, 0], required=False)
    exemption_code = _text(30)
    exemption_reason = _text(1000)
    is_active = serializers.BooleanField(required=False)

    def validate_unit_price(self, value: Any) -> str:
        return f"{value:f}"


class ProductSerializer(serializers.ModelSerializer):
    unit_price = ExactDecimalField()
    tax_category = serializers.CharField()
    tax_rate = serializers.IntegerField()

    class Meta:
        model = Product
        fields = (
            "id", "code", "name", "name_ar", "unit_code", "unit_price", "tax_category", "tax_rate",
            "exemption_code", "exemption_reason", "is_active", "created_at", "updated_at",
        )  # fmt: skip


class DirectoryFilter(django_filters.FilterSet):
    """`search` finds every word in names and code; `is_active` and `code` narrow down."""

    search = django_filters.CharFilter(method="filter_search")
    code = django_filters.CharFilter()
    is_active = django_filters.BooleanFilter()
    in_names: ClassVar[tuple[str, ...]] = ("name", "name_ar", "code")

    def filter_search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        for word in search_words(value):
            found = Q()
            for column in self.in_names:
                found |= Q(**{f"{column}__icontains": word})
            rows = rows.filter(found)
        return rows


class BuyerFilter(DirectoryFilter):
    vat_number = django_filters.CharFilter()
    in_names = ("name", "name_ar", "code", "vat_number")


class BuyerPagination(InvoicePagination):
    rows_key = "buyers"


class ProductPagination(InvoicePagination):
    rows_key = "products"


LIST = {"parameters": [PREFER], "tags": ["directory"]}


class BuyersView(StrictQuery, ListAPIView):
    """`/api/v1/buyers`."""

    scope = "invoices"
    serializer_class = BuyerSerializer
    filterset_class = BuyerFilter
    pagination_class = BuyerPagination
    queryset = Buyer.objects.none()

    def get_queryset(self) -> Any:
        return Buyer.objects.for_tenant(self.request.auth.tenant)

    @extend_schema(
        **LIST,
        operation_id="buyers_list",
        summary="The tenant's buyers, by name",
        responses={200: BuyerSerializer(many=True), **error_responses(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["directory"],
        operation_id="buyers_create",
        summary="Write a buyer down",
        request=BuyerRequestSerializer,
        responses={201: BuyerSerializer, **error_responses(400, 401, 403)},
    )
    def post(self, request: Request) -> Response:
        said = BuyerRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        buyer = add_buyer(tenant=request.auth.tenant, **said.validated_data)
        return _made(BuyerSerializer(buyer).data, "buyers")


class ProductsView(StrictQuery, ListAPIView):
    """`/api/v1/products`."""

    scope = "invoices"
    serializer_class = ProductSerializer
    filterset_class = DirectoryFilter
    pagination_class = ProductPagination
    queryset = Product.objects.none()

    def get_queryset(self) -> Any:
        return Product.objects.for_tenant(self.request.auth.tenant)

    @extend_schema(
        **LIST,
        operation_id="products_list",
        summary="The tenant's products, by name",
        responses={200: ProductSerializer(many=True), **error_responses(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["directory"],
        operation_id="products_create",
        summary="Write a product down",
        request=ProductRequestSerializer,
        responses={201: ProductSerializer, **error_responses(400, 401, 403)},
    )
    def post(self, request: Request) -> Response:
        said = ProductRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        product = add_product(tenant=request.auth.tenant, **said.validated_data)
        return _made(ProductSerializer(product).data, "products")


class BuyerView(APIView):
    """`/api/v1/buyers/{id}`."""

    scope = "invoices"

    @extend_schema(
        tags=["directory"],
        operation_id="buyers_retrieve",
        summary="One buyer",
        responses={200: BuyerSerializer, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(BuyerSerializer(_own(Buyer, request, pk)).data)

    @extend_schema(
        tags=["directory"],
        operation_id="buyers_update",
        summary="Change or deactivate a buyer; documents keep what they were made from",
        request=BuyerRequestSerializer(partial=True),
        responses={200: BuyerSerializer, **error_responses(400, 401, 403, 404)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        buyer = _own(Buyer, request, pk)
        said = BuyerRequestSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        return Response(BuyerSerializer(change_row(buyer, **said.validated_data)).data)


class ProductView(APIView):
    """`/api/v1/products/{id}`."""

    scope = "invoices"

    @extend_schema(
        tags=["directory"],
        operation_id="products_retrieve",
        summary="One product",
        responses={200: ProductSerializer, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(ProductSerializer(_own(Product, request, pk)).data)

    @extend_schema(
        tags=["directory"],
        operation_id="products_update",
        summary="Change or deactivate a product; documents keep what they were made from",
        request=ProductRequestSerializer(partial=True),
        responses={200: ProductSerializer, **error_responses(400, 401, 403, 404)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        product = _own(Product, request, pk)
        said = ProductRequestSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        return Response(ProductSerializer(change_row(product, **said.validated_data)).data)


def _own(model: type[Buyer] | type[Product], request: Request, pk: int) -> Any:
    return get_object_or_404(model.objects.for_tenant(request.auth.tenant), pk=pk)


def _made(data: dict[str, Any], place: str) -> Response:
    return Response(data, status=201, headers={"Location": f"/api/v1/{place}/{data['id']}"})
