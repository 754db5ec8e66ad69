"""How the three ways in are named in the OpenAPI document. Imported by `TenancyConfig.ready`."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "config.tenancy.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "The key of a program, with scopes. Issued in the admin or by "
            "`POST /api/v1/api-keys`.",
        }


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "config.tenancy.authentication.JWTAuthentication"
    name = "bearer"
    # Before drf-spectacular's own answer for simplejwt's class.
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The token of a person in one tenant, from `POST /api/v1/auth/login`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "config.tenancy.authentication.SessionAuthentication"
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A session of the admin; writing needs X-CSRFToken.",
        }
