import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from config.tenancy.models import Tenant
from config.tenancy.services import issue_api_key

URLS = "tests.config.idempotency.urls"


@pytest.fixture(autouse=True)
def _order_routes(settings):
    settings.ROOT_URLCONF = URLS


class Till:
    """A program of one tenant; usable from many threads."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        _, self.api_key = issue_api_key(tenant=tenant, name="till", scopes=["invoices:write"])

    def post(self, key: str | None = "order-7", path: str = "/api/v1/orders", **body: Any):
        """POST `body` as JSON under `key`."""
        return self.send(json.dumps(body).encode(), key=key, path=path)

    def send(self, body: bytes, key: str | None = "order-7", path: str = "/api/v1/orders"):
        headers = {"X-API-Key": self.api_key}
        if key is not None:
            headers["Idempotency-Key"] = key
        return APIClient(raise_request_exception=False).generic(
            "POST", path, body, content_type="application/json", headers=headers
        )


@pytest.fixture
def till(najd) -> Till:
    return Till(najd)


@pytest.fixture
def foreign_till(hijaz) -> Till:
    return Till(hijaz)


def runs() -> int:
    """How often the view was carried out."""
    return Group.objects.count()
