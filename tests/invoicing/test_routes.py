"""Every route, with and without a trailing slash; neither redirects (contracts 3)."""

import pytest
from django.urls import resolve, reverse

from tests.invoicing.payloads import phase_1
from tests.invoicing.test_tenant_walls import ROUTES
from tests.invoicing.traces import URL

# name: path in the documents' spelling, methods.
TABLE = {
    "login": ("/api/v1/auth/login", "POST"),
    "refresh": ("/api/v1/auth/refresh", "POST"),
    "tenant": ("/api/v1/tenant", "GET PATCH"),
    "branding": ("/api/v1/tenant/branding", "GET PATCH"),
    "api-keys": ("/api/v1/api-keys", "GET POST"),
    "api-key": ("/api/v1/api-keys/7", "DELETE"),
    "invoices": ("/api/v1/invoices", "GET POST"),
    "invoices-validate": ("/api/v1/invoices/validate", "POST"),
    "invoice-logs": ("/api/v1/invoices/logs", "GET"),
    "reconciliations": ("/api/v1/invoices/reconciliations", "GET POST"),
    "reconciliation": ("/api/v1/invoices/reconciliations/7", "GET"),
    "finding-explain": ("/api/v1/invoices/reconciliation-findings/7/explain", "POST"),
    "invoice": ("/api/v1/invoices/7", "GET"),
    "invoice-retry": ("/api/v1/invoices/7/retry", "POST"),
    "invoice-own-logs": ("/api/v1/invoices/7/logs", "GET"),
    "invoice-timeline": ("/api/v1/invoices/7/timeline", "GET"),
    "invoice-xml": ("/api/v1/invoices/7/xml", "GET"),
    "invoice-qr": ("/api/v1/invoices/7/qr", "GET"),
    "invoice-pdf": ("/api/v1/invoices/7/pdf", "GET"),
    "invoice-link": ("/api/v1/invoices/7/link", "POST"),
    "invoice-email": ("/api/v1/invoices/7/email", "GET POST"),
    "invoices-pdf-zip": ("/api/v1/invoices/pdf-zip", "POST"),
    "invoices-archive": ("/api/v1/invoices/archive", "POST"),
    "job": ("/api/v1/jobs/7", "GET"),
    "job-file": ("/api/v1/jobs/7/file", "GET"),
    "job-cancel": ("/api/v1/jobs/7/cancel", "POST"),
    "invoice-status": ("/api/v1/invoices/INV-7/status", "GET"),
    "buyers": ("/api/v1/buyers", "GET POST"),
    "buyer": ("/api/v1/buyers/7", "GET PATCH"),
    "products": ("/api/v1/products", "GET POST"),
    "product": ("/api/v1/products/7", "GET PATCH"),
    "egs-units": ("/api/v1/egs-units", "GET POST"),
    "egs-unit": ("/api/v1/egs-units/7", "GET PATCH"),
    "egs-unit-onboard": ("/api/v1/egs-units/7/onboard", "POST"),
    "egs-unit-certificate": ("/api/v1/egs-units/7/certificate", "POST"),
    "egs-unit-renew": ("/api/v1/egs-units/7/renew", "POST"),
    "egs-unit-revoke": ("/api/v1/egs-units/7/revoke", "POST"),
    "egs-unit-pause": ("/api/v1/egs-units/7/pause", "POST"),
    "egs-unit-resume": ("/api/v1/egs-units/7/resume", "POST"),
    "test-invoices": ("/api/v1/health/testinvoices", "GET POST"),
    "test-invoices-quote": ("/api/v1/health/testinvoices/quote", "POST"),
    "test-invoices-batch": ("/api/v1/health/testinvoices/batch", "POST"),
    "test-invoice": ("/api/v1/health/testinvoices/7", "GET PUT PATCH DELETE"),
    "test-invoice-post": ("/api/v1/health/testinvoices/7/post", "POST"),
    "test-invoice-cancel": ("/api/v1/health/testinvoices/7/cancel", "POST"),
    "test-invoice-voucher": ("/api/v1/health/testinvoices/7/voucher", "GET"),
    "test-invoice-history": ("/api/v1/health/testinvoices/7/history", "GET"),
    "test-invoice-payments": ("/api/v1/health/testinvoices/7/payments", "GET POST"),
    "test-invoice-credit-notes": ("/api/v1/health/testinvoices/7/credit-notes", "GET POST"),
    "test-invoice-pdf": ("/api/v1/health/testinvoices/7/pdf", "GET"),
    "test-invoice-email": ("/api/v1/health/testinvoices/7/email", "GET POST"),
    "credit-note-pdf": ("/api/v1/health/credit-notes/7/pdf", "GET"),
    "payment-history": ("/api/v1/health/payments/7/history", "GET"),
    "payment-confirm": ("/api/v1/health/payments/7/confirm", "POST"),
    "payment-fail": ("/api/v1/health/payments/7/fail", "POST"),
    "payment-allocate": ("/api/v1/health/payments/7/allocate", "POST"),
    "payment-release": ("/api/v1/health/payments/7/release", "POST"),
    "payment-refund": ("/api/v1/health/payments/7/refund", "POST"),
    "payment-reverse": ("/api/v1/health/payments/7/reverse", "POST"),
    "patients": ("/api/v1/health/patients", "GET POST"),
    "patient": ("/api/v1/health/patients/7", "GET PATCH"),
    "lab-tests": ("/api/v1/health/tests", "GET POST"),
    "lab-test": ("/api/v1/health/tests/7", "GET PATCH"),
    "panels": ("/api/v1/health/panels", "GET POST"),
    "panel": ("/api/v1/health/panels/7", "GET PATCH"),
    "test-orders": ("/api/v1/health/testorders", "GET POST"),
    "test-order": ("/api/v1/health/testorders/7", "GET PATCH"),
    "lab-settings": ("/api/v1/health/settings", "GET PATCH"),
    "period-locks": ("/api/v1/health/period-locks", "GET POST"),
    "accounts": ("/api/v1/health/accounts", "GET POST"),
    "account": ("/api/v1/health/accounts/7", "GET PATCH"),
    "patient-statement": ("/api/v1/health/statements/7", "GET"),
    "health-report": ("/api/v1/health/reports/ageing", "GET"),
    "policy-invoice": ("/api/triton/invoice", "GET"),
    "triton-webhook": ("/api/triton/webhook", "POST"),
    "triton-new": ("/api/triton/transaction/new", "POST"),
    "triton-transaction": ("/api/triton/transaction/7", "GET POST"),
    "source-transaction": ("/api/sources/7/transaction/7", "GET POST"),
    "transaction": ("/api/transaction/7", "GET POST"),
    "policy-invoice-latest": ("/api/v1/invoice/policy/7/latest", "GET"),
    "policy-invoice-pdf": ("/api/v1/invoice/policy/7/pdf", "GET"),
    "quote-invoice-latest": ("/api/v1/invoice/quote/7/latest", "GET"),
    "error-codes": ("/api/errors", "GET"),
    "error-code": ("/api/errors/not_found", "GET"),
    "schema": ("/api/schema", "GET"),
    "docs": ("/api/docs", "GET"),
}
EVERY = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_the_table_is_whole():
    assert {route.name for route in ROUTES} == set(TABLE)


@pytest.mark.parametrize(("name", "path"), [(n, p) for n, (p, _) in TABLE.items()], ids=TABLE)
def test_both_spellings_lead_to_one_view(name, path):
    plain, slashed = resolve(path), resolve(f"{path}/")
    assert plain.url_name == slashed.url_name == name
    assert plain.kwargs == slashed.kwargs
    assert reverse(name, kwargs=plain.kwargs) == path


@pytest.mark.parametrize("name", TABLE)
def test_neither_spelling_redirects_and_methods_are_as_listed(api, name):
    path, methods = TABLE[name]
    for method in EVERY:
        for spelled in (path, f"{path}/"):
            status = api.generic(method, spelled).status_code
            assert status not in (301, 302, 307, 308, 500), (method, spelled)
            assert (status == 405) == (method not in methods.split()), (method, spelled, status)


def test_an_unknown_path_is_a_json_404(api):
    response = api.get("/api/v1/nothing")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_a_method_that_is_none_is_405_with_the_allowed_ones(api):
    response = api.delete(URL)
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_format_in_the_query_changes_nothing(api, najd):
    api.post(URL, phase_1())
    assert api.get(f"{URL}?format=xml").json()["total"] == 1


@pytest.mark.parametrize("path", ["/api/v1/invoices/7.json", "/api/v1/invoices/seven"])
def test_ids_are_integers(api, path):
    assert api.get(path).status_code == 404
