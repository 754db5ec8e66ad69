"""A shop with real commits, real processes and an authority that can be told to misbehave."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import F
from django.utils import timezone
from rest_framework.test import APIClient

from config.tenancy.models import Tenant
from config.tenancy.services import issue_api_key
from invoicing.models import Breaker, EGSUnit, Invoice, InvoiceStatus, Revision
from invoicing.sandbox import Control
from invoicing.services import sending
from tests.invoicing.reliability import processes
from tests.invoicing.reliability.checker import Report, check
from tests.invoicing.reliability.processes import URL, Workers

# On SQLite there is no job queue: its worker is a loop.
collect_ignore = [] if django_settings.POSTGRES else ["test_job_queue.py"]
OPEN = (InvoiceStatus.CREATED, InvoiceStatus.PROCESSING, InvoiceStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant with one unit that may seal, and the authority's side of the story."""

    tenant: Tenant
    unit: EGSUnit
    key: str
    control: Control

    def post(self, payload: dict[str, Any], **headers: str) -> Any:
        return self._client().post(URL, payload, headers=headers)

    def post_later(self, payload: dict[str, Any]) -> Any:
        """Accepted and sealed; a worker shall send it."""
        response = self.post(payload, Prefer="respond-async")
        assert response.status_code == 202, response.content
        return response

    def retry(self, invoice: Invoice) -> Any:
        return self._client().post(f"{URL}/{invoice.pk}/retry")

    def invoice(self, number: str) -> Invoice:
        return Invoice.objects.get(tenant=self.tenant, invoice_number=number)

    def calls(self, number: str) -> list[dict[str, Any]]:
        return self.control.deliveries(number)

    def report(self) -> Report:
        return check(self.control)

    def recovered(self) -> Report:
        """What both sides hold after workers have done all that is left to do."""
        for _ in range(8):
            let_time_pass(minutes=10)
            sending.free_expired_leases()
            sending.send_due()
            if not Invoice.objects.filter(status__in=OPEN, parked_at=None).exists():
                break
        return self.report()

    def _client(self) -> APIClient:
        return APIClient(headers={"X-API-Key": self.key}, raise_request_exception=False)


def let_time_pass(**interval: float) -> None:
    """Move every due time, lease and first sending into the past, for all processes alike."""
    by = timedelta(**interval)
    Invoice.objects.update(
        lease_until=F("lease_until") - by,
        next_attempt_at=F("next_attempt_at") - by,
        updated_at=F("updated_at") - by,
    )
    Revision.objects.update(first_sent_at=F("first_sent_at") - by)
    Breaker.objects.update(open_until=F("open_until") - by, probe_until=F("probe_until") - by)


@pytest.fixture
def shop(committed, najd, unit, zatca, settings) -> Shop:
    settings.ZATCA_CALL_DEADLINE = 1
    _, key = issue_api_key(tenant=najd, name="till", scopes=["admin"])
    return Shop(najd, unit, key, zatca.control)


@pytest.fixture(scope="session")
def child_environment(stand_in, django_db_setup) -> dict[str, str]:
    """Our settings for other processes: this test's database and authority, and short leases."""
    return {
        "DATABASE_URL": _database_of_this_test(),
        "DAFTAR_DATA": str(django_settings.DATA_DIR),
        "DAFTAR_GENERATE_SECRETS": "1",
        "ZATCA_SANDBOX_URL": stand_in.base_url("SANDBOX"),
        "ZATCA_CALL_DEADLINE": "1",
        "ZATCA_LEASE": "2",
        "ZATCA_FIRST_RESEND": "1",
        "LOG_LEVEL": "ERROR",
    }


@pytest.fixture(scope="session")
def _forkserver(child_environment) -> None:
    processes.serve(child_environment)


def _database_of_this_test() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def workers(_forkserver, shop) -> Iterator[Workers]:
    """Starts processes on the database of this test; they are gone before it is wiped."""
    with Workers() as started:
        yield started


def now_due(invoice: Invoice) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(next_attempt_at=timezone.now())


def soon(holds: Callable[[], bool], seconds: float = 15) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def all_cleared() -> bool:
    return not Invoice.objects.exclude(status="CLEARED").exists()
