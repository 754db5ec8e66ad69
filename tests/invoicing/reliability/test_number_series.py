"""Many at once and a killed process: the numbers are exactly 1 to n, on both engines."""

import pytest
from django.db.models import F

from config.idempotency.models import IdempotencyKey
from config.idempotency.services import LEASE
from invoicing.models import AssignedNumber, Invoice, NumberCounter, NumberSeries
from invoicing.services.numbering import save_series
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability import processes
from tests.invoicing.reliability.processes import ended
from tests.invoicing.reliability.test_races import at_once


@pytest.fixture
def counted(shop) -> NumberSeries:
    return save_series(NumberSeries(tenant=shop.tenant, pattern="N-{seq}", resets_yearly=False))


def unnumbered(**changes) -> dict:
    payload = simplified(**changes)
    del payload["invoice_number"]
    return payload


def test_twelve_at_once_are_one_to_twelve(shop, counted):
    payload = unnumbered()
    responses = at_once(
        *[lambda n=n: shop.post(payload, **{"Idempotency-Key": f"k-{n}"}) for n in range(12)]
    )
    assert {response.status_code for response in responses} == {201}
    numbers = {response.json()["invoice_number"] for response in responses}
    assert numbers == {f"N-{n}" for n in range(1, 13)}
    assert not shop.report().violations


def test_one_key_at_once_is_one_number(shop, counted):
    payload = unnumbered()
    responses = at_once(*[lambda: shop.post(payload, **{"Idempotency-Key": "k"})] * 6)
    assert {response.status_code for response in responses} <= {201, 409}
    assert list(Invoice.objects.values_list("invoice_number", flat=True)) == ["N-1"]


@pytest.mark.parametrize(("point", "left"), [("accepting", []), ("accepted", ["N-1"])])
def test_a_killed_request_leaves_no_gap_and_comes_back_to_its_number(
    shop, workers, counted, point, left
):
    payload = unnumbered()
    ended(workers.start(processes.post, (shop.key, [payload], point, {"Idempotency-Key": "k"})))
    assert list(Invoice.objects.values_list("invoice_number", flat=True)) == left
    IdempotencyKey.objects.update(lease_until=F("lease_until") - LEASE)

    again = shop.post(payload, **{"Idempotency-Key": "k"})

    assert again.json()["invoice_number"] == "N-1"
    assert NumberCounter.objects.get().last_number == 1
    assert AssignedNumber.objects.get().request_key == "k"
