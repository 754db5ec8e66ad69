"""Examples of the OpenAPI document; a test compares their names with those of real answers."""

from drf_spectacular.utils import OpenApiExample

_TENANT = {"id": 7, "name": "Najd Trading", "environment": "SANDBOX"}
_ACCESS = {
    "access": "eyJhbGciOi…",
    "token_type": "Bearer",
    "expires_in": 1800,
    "role": "accountant",
    "tenant": _TENANT,
}
_KEY = {
    "id": 3,
    "name": "Branch 3",
    "prefix": "dk_sb_4k1x9q2m",
    "scopes": ["invoices:read", "invoices:write"],
    "created_at": "2026-03-01T09:00:00Z",
    "expires_at": None,
    "last_used_at": None,
    "revoked_at": None,
}
_CHOOSE = "Several tenants are open to you: name one of them in `tenant`."
_CHOOSE_AR = "لديك عدة منشآت: حدد إحداها في `tenant`."

LOGIN = [
    OpenApiExample(
        "Sign in to tenant 7",
        value={"username": "amal", "password": "…", "tenant": 7},
        request_only=True,
    ),
    OpenApiExample(
        "Signed in",
        value={
            "success": True,
            "message": "Signed in.",
            "data": {**_ACCESS, "refresh": "eyJhbGciOi…"},
        },
        response_only=True,
        status_codes=["200"],
    ),
    OpenApiExample(
        "Several tenants are open",
        value={
            "success": False,
            "message": _CHOOSE,
            "errors": [
                {
                    "field": "tenant",
                    "code": "tenant_required",
                    "message": _CHOOSE,
                    "message_ar": _CHOOSE_AR,
                }
            ],
            "error": {
                "type": "invalid_request_error",
                "code": "tenant_required",
                "message": _CHOOSE,
                "message_ar": _CHOOSE_AR,
                "param": "tenant",
                "errors": [],
                "request_id": "req_4f1c",
                "doc_url": None,
                "tenants": [_TENANT, {**_TENANT, "id": 8, "environment": "PRODUCTION"}],
            },
        },
        response_only=True,
        status_codes=["400"],
    ),
]
REFRESH = [
    OpenApiExample("Refresh", value={"refresh": "eyJhbGciOi…"}, request_only=True),
    OpenApiExample(
        "Refreshed",
        value={"success": True, "message": "Token refreshed.", "data": _ACCESS},
        response_only=True,
        status_codes=["200"],
    ),
]
TENANT = [
    OpenApiExample(
        "A taxpayer in the sandbox",
        value={
            "id": 7,
            "company_name": "Najd Trading",
            "vat_number": "399999999900003",
            "environment": "SANDBOX",
            "timezone": "Asia/Riyadh",
            "deep_gate": "block",
        },
        response_only=True,
        status_codes=["200"],
    )
]
API_KEYS = [
    OpenApiExample("One key", value={"api_keys": [_KEY]}, response_only=True, status_codes=["200"])
]
NEW_API_KEY = [
    OpenApiExample(
        "A point of sale",
        value={"name": "Branch 3", "scopes": ["invoices:read", "invoices:write"]},
        request_only=True,
    ),
    OpenApiExample(
        "Issued",
        value={**_KEY, "key": "dk_sb_4k1x9q2m_…"},
        response_only=True,
        status_codes=["201"],
    ),
]
