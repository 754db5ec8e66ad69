"""A laboratory, and programs that may read and write its invoices."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.tenancy.models import Tenant
from tests.conftest import client_of

API = "/api/v1/health"
URL = f"{API}/testinvoices"
# A name that a spreadsheet would run.
EVIL = "=HYPERLINK(1)"


@pytest.fixture
def lab(db) -> Tenant:
    return Tenant.objects.create(
        company_name="City Lab", environment="SANDBOX", timezone="Asia/Kolkata"
    )


@pytest.fixture
def lab_api(lab) -> APIClient:
    return client_of(lab, "health:read", "health:write")


@pytest.fixture
def lab_owner(lab) -> APIClient:
    """A program that may everything in the laboratory, taking lists out included."""
    return client_of(lab, "admin")


@pytest.fixture
def busy_year(lab_owner, reference):
    return live_a_year(lab_owner, sample_of(reference))


def live_a_year(api: APIClient, sample: dict[str, Any]) -> APIClient:
    """A bit of everything in 2024, with a patient whose name is a formula."""
    pk = api.post(URL, sample).json()["data"]["id"]
    for amount, mode, day in (("1000", "CASH", "2024-01-20"), ("500", "NEFT", "2024-02-01")):
        paid = {"amount": amount, "payment_mode": mode, "date": day}
        payment = api.post(f"{URL}/{pk}/payments", paid).json()["data"]
    back = {"amount": "100", "payment_mode": "NEFT", "date": "2024-02-03", "reason": "too much"}
    assert api.post(f"{API}/payments/{payment['id']}/refund", back).status_code < 300
    credit = {"reason": "Not done", "date": "2024-02-02", "items": [{"line_no": 2}]}
    api.post(f"{URL}/{pk}/credit-notes", credit)
    dated = {"invoice_date": "2024-03-31T23:59:59", "patient_name": EVIL, "patient_id": 46}
    api.post(URL, bill(**dated, status="POSTED", items=[line(rate="1112150", test_name=EVIL)]))
    api.post(URL, bill(**dated))
    return api


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
