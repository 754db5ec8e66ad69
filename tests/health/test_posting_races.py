"""Many at once: one draft has one voucher, one number one invoice, and no number is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from config.tenancy.models import Tenant
from config.tenancy.services import issue_api_key
from health.integrity import broken_rules
from health.models import TestInvoice, Voucher
from tests.conftest import client_with
from tests.health.conftest import URL, bill
from tests.health.crew import DAYS, crew


@pytest.fixture
def lab(committed) -> Tenant:
    return Tenant.objects.create(
        company_name="City Lab", environment="SANDBOX", timezone="Asia/Kolkata"
    )


@pytest.fixture
def key(lab) -> str:
    return issue_api_key(tenant=lab, name="till", scopes=["health:write"])[1]


def at_once(times: int, call: Callable[[int], Any]) -> list[Any]:
    def alone(number: int) -> Any:
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(alone, range(times)))


def test_a_draft_that_eight_post_has_one_voucher(key):
    pk = client_with(key).post(URL, bill()).json()["data"]["id"]

    answers = at_once(8, lambda _: client_with(key).post(f"{URL}/{pk}/post"))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["data"]["voucher_number"] for answer in answers}) == 1
    assert Voucher.objects.count() == 1


def test_eight_of_one_number_are_one_invoice(key):
    said = bill(invoice_number="V-1", status="POSTED")

    codes = at_once(8, lambda _: client_with(key).post(URL, said).status_code)

    assert sorted(codes) == [201, *[409] * 7]
    assert TestInvoice.objects.count() == Voucher.objects.count() == 1


def test_forty_bills_of_a_day_are_numbered_one_to_forty(lab, key):
    """Every fifth does not add up, and takes no number."""
    dated = bill(status="POSTED", invoice_date="2024-01-15T10:30:00")

    codes = at_once(
        50,
        lambda n: (
            client_with(key).post(URL, dated if n % 5 else {**dated, "final_amount": 1}).status_code
        ),
    )

    assert sorted(codes) == [*[201] * 40, *[400] * 10]
    vouchers = Voucher.objects.order_by("voucher_number").values_list("voucher_number", flat=True)
    assert list(vouchers) == [f"TINV20240115{n:04}" for n in range(1, 41)]
    numbers = TestInvoice.objects.order_by("invoice_number").values_list("invoice_number")
    assert [number for (number,) in numbers] == [f"LAB/2324/{n:06}" for n in range(1, 41)]
    assert list(broken_rules(lab.pk)) == []


def test_four_processes_post_and_what_is_uneven_is_never_there(lab):
    """Small here; the campaign posts ten thousand (tests/health/campaign.py)."""
    told = crew(lab, workers=4, posts=80)

    assert told == {"written": 72, "a voucher balances to the paisa": 8}
    numbers = Voucher.objects.order_by("id").values_list("voucher_number", flat=True)
    assert sorted(numbers) == [f"TINV202401{day}{n:04}" for day in DAYS for n in range(1, 37)]
    assert list(broken_rules(lab.pk)) == []
