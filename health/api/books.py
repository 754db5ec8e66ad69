"""Settings, period locks and accounts of a laboratory: read by all, changed by the owner."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
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
from config.text import TextField
from health.api.envelopes import EnvelopeSerializer, enveloped
from health.api.views import TAGS, OwnerView, refusals, who
from health.chart import ALIASES
from health.models import (
    Account,
    AccountType,
    DiscountMode,
    LabSettings,
    Layout,
    LockScope,
    OverpayPolicy,
    PeriodLock,
)
from health.services.accounts import PARTS, add_account, change_account
from health.services.checking import settings_of
from health.services.locks import lock_period
from health.services.settings import change_settings

SWITCHES = (
    *("strict_gst", "strict_phone", "strict_roundoff", "strict_masters", "strict_orders"),
    *("gross_revenue", "allow_zero", "maker_checker"),
)


class LabSettingsSerializer(serializers.ModelSerializer):
    """Warnings by default: each `strict_` switch makes refusals of those it is about."""

    gstin = TextField(max_length=15, required=False, allow_blank=True)
    state_code = TextField(max_length=2, required=False, allow_blank=True)
    invoice_prefix = TextField(max_length=5, required=False)
    voucher_layout = serializers.ChoiceField(Layout.choices, required=False)
    discount_mode = serializers.ChoiceField(DiscountMode.choices, required=False)
    overpay_policy = serializers.ChoiceField(OverpayPolicy.choices, required=False)
    roundoff_limit = ExactDecimalField(decimal_places=2, min_value=0, required=False)

    class Meta:
        model = LabSettings
        fields = (
            "gstin", "state_code", "invoice_prefix", "voucher_layout", "discount_mode",
            "overpay_policy", "roundoff_limit", "backdating_days", *SWITCHES,
        )  # fmt: skip


class LabSettingsEnvelopeSerializer(EnvelopeSerializer):
    data = LabSettingsSerializer()


class SettingsView(OwnerView, APIView):
    """`/api/v1/health/settings`."""

    @extend_schema(
        operation_id="lab_settings_retrieve",
        summary="How the laboratory wants its bills and books",
        tags=TAGS,
        responses={200: LabSettingsEnvelopeSerializer, **refusals(401, 403)},
    )
    def get(self, request: Request) -> Response:
        told = LabSettingsSerializer(settings_of(request.auth.tenant)).data
        return enveloped("Laboratory settings retrieved successfully", told)

    @extend_schema(
        operation_id="lab_settings_update",
        summary="Change what is named; what was posted stays as it is",
        tags=TAGS,
        request=LabSettingsSerializer(partial=True),
        responses={200: LabSettingsEnvelopeSerializer, **refusals(400, 401, 403, 415)},
    )
    def patch(self, request: Request) -> Response:
        said = LabSettingsSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        lab = change_settings(request.auth.tenant, said.validated_data, who(request))
        told = LabSettingsSerializer(lab).data
        return enveloped("Laboratory settings updated successfully", told, said=said)


class PeriodLockSerializer(serializers.ModelSerializer):
    """Nothing dated up to `locked_upto` is written any more; a lock is never lifted.

    `scope` `TAX` closes bills, their cancellations and credit notes; money can still be booked.
    """

    scope = serializers.ChoiceField(LockScope.choices, default=LockScope.ALL)
    reason = TextField(max_length=500)

    class Meta:
        model = PeriodLock
        fields = ("id", "locked_upto", "scope", "reason", "created_at", "created_by")
        read_only_fields = ("created_at", "created_by")


class PeriodLockEnvelopeSerializer(EnvelopeSerializer):
    data = PeriodLockSerializer()


class PeriodLocksView(OwnerView, StrictQuery, ListAPIView):
    """`/api/v1/health/period-locks`."""

    serializer_class = PeriodLockSerializer
    pagination_class = EnvelopePagination
    queryset = PeriodLock.objects.none()
    filter_backends = ()
    list_message = "Period locks retrieved successfully"

    def get_queryset(self) -> Any:
        return PeriodLock.objects.for_tenant(self.request.auth.tenant)

    @extend_schema(
        operation_id="period_locks_list",
        summary="Until when the books are closed, latest first",
        tags=TAGS,
        parameters=[PREFER],
        responses={200: PeriodLockSerializer(many=True), **refusals(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="period_locks_create",
        summary="Close the books up to a day that has passed, for good",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=PeriodLockSerializer,
        responses={
            201: PeriodLockEnvelopeSerializer,
            **refusals(400, 401, 403, 409, 415, 422),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        said = PeriodLockSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        lock = lock_period(
            request.auth.tenant,
            upto=said.validated_data["locked_upto"],
            scope=said.validated_data["scope"],
            reason=said.validated_data["reason"],
            actor=request.auth.actor,
        )
        told = PeriodLockSerializer(lock).data
        return enveloped("Period locked successfully", told, said=said, status=201)


class AccountSerializer(serializers.ModelSerializer):
    """An account and the parts that it plays in what is posted."""

    code = TextField(max_length=50)
    name = TextField(max_length=200)
    account_type = serializers.ChoiceField(AccountType.choices)
    system_codes = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = ("id", "code", "name", "account_type", "is_active", "system_codes", "created_at")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_system_codes(self, account: Account) -> list[str]:
        return sorted(mapping.system_code for mapping in account.mappings.all())


class AccountChangeSerializer(serializers.Serializer):
    """What may change; `system_codes` are parts that it plays from now on."""

    name = TextField(max_length=200, required=False)
    is_active = serializers.BooleanField(required=False)
    system_codes = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=len(PARTS),
        help_text=", ".join(sorted(PARTS))
        + "".join(f". {alias} is {code}, and answered so" for alias, code in ALIASES.items()),
    )


class NewAccountSerializer(AccountChangeSerializer):
    code = TextField(max_length=50)
    name = TextField(max_length=200)
    account_type = serializers.ChoiceField(AccountType.choices)
    is_active = None


class AccountEnvelopeSerializer(EnvelopeSerializer):
    data = AccountSerializer()


class AccountsView(OwnerView, StrictQuery, ListAPIView):
    """`/api/v1/health/accounts`."""

    serializer_class = AccountSerializer
    pagination_class = EnvelopePagination
    queryset = Account.objects.none()
    filter_backends = ()
    list_message = "Accounts retrieved successfully"

    def get_queryset(self) -> Any:
        return Account.objects.for_tenant(self.request.auth.tenant).prefetch_related("mappings")

    @extend_schema(
        operation_id="accounts_list",
        summary="The chart of accounts, by code",
        tags=TAGS,
        parameters=[PREFER],
        responses={200: AccountSerializer(many=True), **refusals(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="accounts_create",
        summary="Add an account, and give it its parts",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=NewAccountSerializer,
        responses={201: AccountEnvelopeSerializer, **refusals(400, 401, 403, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        said = NewAccountSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        account = add_account(request.auth.tenant, who(request), **said.validated_data)
        told = AccountSerializer(account).data
        return enveloped("Account created successfully", told, said=said, status=201)


class AccountView(OwnerView, APIView):
    """`/api/v1/health/accounts/{id}`."""

    @extend_schema(
        operation_id="accounts_retrieve",
        summary="One account",
        tags=TAGS,
        responses={200: AccountEnvelopeSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        account = get_object_or_404(Account, tenant=request.auth.tenant, pk=pk)
        return enveloped("Account retrieved successfully", AccountSerializer(account).data)

    @extend_schema(
        operation_id="accounts_update",
        summary="Rename an account, switch it off or on, give it parts",
        tags=TAGS,
        request=AccountChangeSerializer,
        responses={200: AccountEnvelopeSerializer, **refusals(400, 401, 403, 404, 415)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        account = get_object_or_404(Account, tenant=request.auth.tenant, pk=pk)
        said = AccountChangeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        change_account(account, who(request), **said.validated_data)
        return enveloped("Account updated successfully", AccountSerializer(account).data, said=said)
