"""D2's curl lines against the running site (contracts 15): read from the document, run by curl.

Nothing is changed in them but host, token and the body that the document writes as `{...}`.
"""

import json
from pathlib import Path

from django.contrib.auth.models import User

from config.tenancy.models import Role, Tenant
from config.tenancy.services import grant_role
from health.models import TestInvoice
from tests.health.conftest import sample_of
from tests.invoicing.test_curl_lines import curl_lines, run

HOST = "http://localhost:8000"


def lines(reference: Path) -> list[str]:
    return curl_lines(reference / "documents" / "test-invoice-api.md")


def test_d2_has_the_lines_that_are_run_here(reference):
    create, find = lines(reference)
    assert "-X POST" in create
    assert "-d '{...}'" in create
    assert "?status=POSTED&payment_status=UNPAID&page=1&per_page=20" in find


def test_they_create_and_find_an_invoice(committed, reference, live_server, client):
    lab = Tenant.objects.create(company_name="Lab", environment="SANDBOX", timezone="Asia/Kolkata")
    user = User.objects.create_user("asha", password="a long enough secret")
    grant_role(user=user, tenant=lab, role=Role.ACCOUNTANT)
    said = {"username": "asha", "password": "a long enough secret"}
    login = client.post("/api/v1/auth/login", said, content_type="application/json")
    token = login.json()["data"]["access"]
    create, find = (
        text.replace(HOST, live_server.url).replace("{token}", token) for text in lines(reference)
    )

    status, created = run(create.replace("{...}", json.dumps(sample_of(reference))))
    assert (status, created["success"]) == (201, True)
    assert created["message"] == "Test invoice created successfully"
    status, found = run(find)
    assert (status, found["message"]) == (200, "Test invoices retrieved successfully")
    assert [row["invoice_number"] for row in found["data"]] == ["INV-2024-001"]
    assert (found["total"], found["page"], found["per_page"], found["total_pages"]) == (1, 1, 20, 1)
    assert TestInvoice.objects.get().created_by == "user:asha"
