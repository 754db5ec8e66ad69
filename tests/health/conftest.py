"""A laboratory, and programs that may read and write its invoices."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.tenancy.models import Tenant
from tests.conftest import client_of

URL = "/api/v1/health/testinvoices"


@pytest.fixture
def lab(db) -> Tenant:
    return Tenant.objects.create(
        company_name="City Lab", environment="SANDBOX", timezone="Asia/Kolkata"
    )


@pytest.fixture
def lab_api(lab) -> APIClient:
    return client_of(lab, "health:read", "health:write")


def line(**more: Any) -> dict[str, Any]:
    """A blood test of 500.00 without discount or tax: what a clinical laboratory sells."""
    return {"line_no": 1, "test_id": 10, "test_name": "Blood Test", "rate": 500, **more}


def bill(**more: Any) -> dict[str, Any]:
    """The least that makes an invoice."""
    return {"patient_name": "John Doe", "items": [line()], **more}


def sample_of(reference: Path) -> dict[str, Any]:
    """The request body that D2 itself prints."""
    text = (reference / "documents" / "test-invoice-api.md").read_text()
    return json.loads(re.findall(r"```json\n(\{.*?\n\})\n```", text, re.S)[0])
