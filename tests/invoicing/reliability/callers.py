"""Callers that do not give up: what a shop's own program does on a bad day (for tests.chaos)."""

import time
from typing import Any

from django.conf import settings
from rest_framework.test import APIClient

from config.tenancy.models import Tenant
from invoicing.models import Invoice
from tests.invoicing.reliability import naive
from tests.invoicing.reliability.processes import URL, arm

Payload = dict[str, Any]
# Answers that a restarted caller no longer knows of, and asks for once more.
FORGOTTEN = 3


def post_until_final(tenant_id: int, key: str, payloads: list[Payload], failpoint: str) -> None:
    """POST every payload again and again until each is CLEARED; a rejected one is retried."""
    arm(failpoint)
    client = APIClient(SERVER_NAME="localhost", headers={"X-API-Key": key})
    left, done = _sorted_out(tenant_id, payloads)
    left += done[-FORGOTTEN:]
    while left:
        left = [payload for payload in left if not _is_cleared(client, payload)]
        time.sleep(0.2)


def submit_naively(tenant_id: int, payloads: list[Payload], failpoint: str) -> None:
    """The same persistence with the naive flow: whatever was not taken is built and sent again."""
    arm(failpoint)
    tenant, url = Tenant.objects.get(pk=tenant_id), settings.ZATCA_URLS["SANDBOX"]
    for payload in _sorted_out(tenant_id, payloads)[0]:
        while not naive.submit(tenant, payload, url):
            pass


def _sorted_out(tenant_id: int, payloads: list[Payload]) -> tuple[list[Payload], list[Payload]]:
    """Those that are not CLEARED yet, and those that are."""
    invoices = Invoice.objects.filter(tenant_id=tenant_id, status="CLEARED")
    cleared = set(invoices.values_list("invoice_number", flat=True))
    done = [payload for payload in payloads if payload["invoice_number"] in cleared]
    return [payload for payload in payloads if payload not in done], done


def _is_cleared(client: APIClient, payload: Payload) -> bool:
    # Every other caller wants its answer early and leaves the sending to a worker.
    early = {"Prefer": "respond-async"} if payload["invoice_number"][-1] in "02468" else {}
    response = client.post(URL, payload, headers=early)
    answer = response.json()
    if response.status_code in (200, 201):
        status = answer["status"]
    elif response.status_code == 409:
        status = answer["error"]["existing"]["status"]
    elif response.status_code in (202, 500):
        return False
    else:
        raise AssertionError(f"{response.status_code}: {answer}")
    if status == "REJECTED":
        invoice = answer.get("id") or answer["error"]["existing"]["id"]
        client.post(f"{URL}/{invoice}/retry")
    return status == "CLEARED"
