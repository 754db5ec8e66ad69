"""A check of the books sees one moment, though a bill is posted between two of its rules."""

from collections.abc import Iterator
from contextlib import suppress
from threading import Thread

import pytest
from django.db import DatabaseError, connection

from config.db.transactions import one_moment
from config.tenancy.models import Tenant
from config.tenancy.services import issue_api_key
from health.integrity import Rule
from health.models import Voucher
from health.services import verifying
from health.services.history import Who
from tests.conftest import client_with
from tests.health.conftest import URL, bill


@pytest.fixture
def lab(committed) -> Tenant:
    return Tenant.objects.create(
        company_name="City Lab", environment="SANDBOX", timezone="Asia/Kolkata"
    )


def posted_elsewhere(key: str) -> None:
    def run() -> None:
        try:
            client_with(key).post(URL, bill(status="POSTED"))
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def test_a_bill_posted_between_two_rules_is_in_neither(lab, monkeypatch):
    key, seen = issue_api_key(tenant=lab, name="till", scopes=["health:write"])[1], []

    def count(tenant_id: int) -> Iterator[str]:
        seen.append(Voucher.objects.filter(tenant_id=tenant_id).count())
        return iter(())

    def post(tenant_id: int) -> Iterator[str]:
        posted_elsewhere(key)
        return iter(())

    rules = [Rule(name, "", task) for name, task in (("a", count), ("b", post), ("c", count))]
    monkeypatch.setattr(verifying, "EVERY_RULE", rules)
    verdict = verifying.check_books(lab, Who("clerk"))

    assert (seen, verdict.sentences) == ([0, 0], [])
    assert verifying.last_verdict(lab).by == "clerk"
    assert Voucher.objects.count() == 1


def test_nothing_is_written_inside_of_one_moment(lab):
    with suppress(DatabaseError), one_moment():
        Tenant.objects.filter(pk=lab.pk).update(company_name="Other")

    lab.refresh_from_db()
    assert lab.company_name == "City Lab"
