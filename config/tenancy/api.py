"""Signing in, the caller's own tenant, and its API keys.

Login and refresh speak the envelope of the laboratory API: `success`, `message`, `data`.
"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.openapi import error_responses
from config.tenancy import examples, services
from config.tenancy.models import (
    ApiKey,
    DeepGate,
    Membership,
    Scope,
    Tenant,
    validate_in_future,
    validate_scopes,
)
from config.tenancy.tokens import ACCESS_LIFETIME, issue_tokens, refreshed
from config.text import TextField

# What holds a secret is kept by no cache on its way (RFC 6749 §5.1).
NO_STORE = {"Cache-Control": "no-store"}


class LoginSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=150, trim_whitespace=False)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    tenant = serializers.IntegerField(
        min_value=1,
        required=False,
        allow_null=True,
        default=None,
        help_text="The tenant to work in. Needed only when several are open to this person.",
    )


class RefreshSerializer(serializers.Serializer):
    refresh = serializers.CharField(max_length=4096)


class SessionTenantSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="company_name")

    class Meta:
        model = Tenant
        fields = ("id", "name", "environment")


class AccessSerializer(serializers.Serializer):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    token_type = serializers.ChoiceField(["Bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds.")
    role = serializers.CharField()
    tenant = SessionTenantSerializer()


class TokensSerializer(AccessSerializer):
    refresh = serializers.CharField(help_text="For `POST /api/v1/auth/refresh`.")


class LoginAnswerSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    message = serializers.CharField()
    data = TokensSerializer()


class RefreshAnswerSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    message = serializers.CharField()
    data = AccessSerializer()


class TenantSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tenant
        fields = ("id", "company_name", "vat_number", "environment", "timezone", "deep_gate")


class TenantChangeSerializer(serializers.Serializer):
    deep_gate = serializers.ChoiceField(
        DeepGate.choices,
        help_text="What the official rules do to an invoice before it is sealed: `block` refuses "
        "it, `warn` tells and sends it all the same, `off` does not ask them.",
    )


class NewApiKeySerializer(serializers.Serializer):
    name = TextField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices), validators=[validate_scopes]
    )
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, validators=[validate_in_future]
    )


class ApiKeySerializer(serializers.ModelSerializer):
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "name",
            "prefix",
            "scopes",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )


class IssuedApiKeySerializer(ApiKeySerializer):
    key = serializers.CharField(help_text="The key itself. Keep it: it is never shown again.")

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "key")


class ApiKeyListSerializer(serializers.Serializer):
    api_keys = ApiKeySerializer(many=True)


class LoginView(APIView):
    """Exchange a name and a password for tokens of one tenant."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    envelope = "health"

    @extend_schema(
        operation_id="login",
        summary="Sign in",
        description="With one active membership the tenant is implied. With several and none named "
        "the answer is 400 `tenant_required`, and `error.tenants` lists id, name and environment "
        "to choose from. After ten attempts in a quarter of an hour the answer is 429.",
        tags=["auth"],
        auth=[],
        request=LoginSerializer,
        responses={
            200: LoginAnswerSerializer,
            **error_responses(400, 401, 403, 429, envelope="health"),
        },
        examples=examples.LOGIN,
    )
    def post(self, request: Request) -> Response:
        asked = LoginSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        membership = services.sign_in(
            request=request._request,
            username=asked.validated_data["username"],
            password=asked.validated_data["password"],
            tenant_id=asked.validated_data["tenant"],
        )
        tokens = issue_tokens(membership)
        data = _access(membership, tokens.access) | {"refresh": tokens.refresh}
        return _enveloped("Signed in.", data)


class RefreshView(APIView):
    """Exchange a refresh token for another access token of the same tenant."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    envelope = "health"

    @extend_schema(
        operation_id="refresh",
        summary="Renew the access token",
        description="The tenant stays; person, membership and tenant are checked anew.",
        tags=["auth"],
        auth=[],
        request=RefreshSerializer,
        responses={200: RefreshAnswerSerializer, **error_responses(400, 401, envelope="health")},
        examples=examples.REFRESH,
    )
    def post(self, request: Request) -> Response:
        asked = RefreshSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        membership, access = refreshed(asked.validated_data["refresh"])
        return _enveloped("Token refreshed.", _access(membership, access))


class TenantView(APIView):
    """The tenant that the credential belongs to; changing it needs permission `admin`."""

    @property
    def scope(self) -> str | None:
        return None if self.request.method in SAFE_METHODS else "admin"

    @extend_schema(
        operation_id="get_tenant",
        summary="Show the caller's own tenant",
        tags=["tenant"],
        responses={200: TenantSerializer, **error_responses(401)},
        examples=examples.TENANT,
    )
    def get(self, request: Request) -> Response:
        return Response(TenantSerializer(request.auth.tenant).data)

    @extend_schema(
        operation_id="change_tenant",
        summary="Change how the caller's own tenant works",
        tags=["tenant"],
        request=TenantChangeSerializer,
        responses={200: TenantSerializer, **error_responses(400, 401, 403)},
        examples=examples.TENANT,
    )
    def patch(self, request: Request) -> Response:
        asked = TenantChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        tenant = services.change_deep_gate(
            request.auth.tenant, mode=asked.validated_data["deep_gate"]
        )
        return Response(TenantSerializer(tenant).data)


class ApiKeysView(APIView):
    """The keys of the caller's tenant; permission `admin`."""

    scope = "admin"

    @extend_schema(
        operation_id="list_api_keys",
        summary="List the API keys",
        description="Revoked ones included. Secrets are never shown.",
        tags=["tenant"],
        responses={200: ApiKeyListSerializer, **error_responses(401, 403)},
        examples=examples.API_KEYS,
    )
    def get(self, request: Request) -> Response:
        keys = ApiKey.objects.filter(tenant=request.auth.tenant)
        return Response({"api_keys": ApiKeySerializer(keys, many=True).data})

    @extend_schema(
        operation_id="create_api_key",
        summary="Issue an API key",
        description="Its text is in this answer and nowhere else.",
        tags=["tenant"],
        request=NewApiKeySerializer,
        responses={201: IssuedApiKeySerializer, **error_responses(400, 401, 403)},
        examples=examples.NEW_API_KEY,
    )
    def post(self, request: Request) -> Response:
        asked = NewApiKeySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key, text = services.issue_api_key(
            tenant=request.auth.tenant, by=request.auth.user, **asked.validated_data
        )
        return Response(ApiKeySerializer(key).data | {"key": text}, status=201, headers=NO_STORE)


class ApiKeyView(APIView):
    """One key of the caller's tenant; permission `admin`."""

    scope = "admin"

    @extend_schema(
        operation_id="revoke_api_key",
        summary="Revoke an API key",
        description="At once and for good. Revoking twice changes nothing.",
        tags=["tenant"],
        responses={204: None, **error_responses(401, 403, 404)},
    )
    def delete(self, request: Request, pk: int) -> Response:
        key = get_object_or_404(ApiKey, tenant=request.auth.tenant, pk=pk)
        services.revoke_api_key(key)
        return Response(status=204)


def _access(membership: Membership, access: str) -> dict[str, Any]:
    return {
        "access": access,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
        "role": membership.role,
        "tenant": SessionTenantSerializer(membership.tenant).data,
    }


def _enveloped(message: str, data: dict[str, Any]) -> Response:
    return Response({"success": True, "message": message, "data": data}, headers=NO_STORE)
