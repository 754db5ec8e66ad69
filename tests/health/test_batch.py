"""Many bills in one request: each said for itself, none billed twice, whatever came between."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from config import money
from config.idempotency.models import IdempotencyKey
from health.api import batch
from health.findings import LARGEST
from health.models import TestInvoice, Voucher
from tests.health.conftest import URL, bill, line

BATCH = f"{URL}/batch"
TWO = [bill(status="POSTED", patient_name="Asha"), bill(status="POSTED", patient_name="Ravi")]


class Failing:
    """What creates invoices, and at its second call fails instead."""

    def __init__(self, failure: BaseException) -> None:
        self.failure, self.calls, self.real = failure, 0, batch.create_invoice

    def __call__(self, *args):
        self.calls += 1
        if self.calls == 2:
            raise self.failure
        return self.real(*args)


def send(api, key: str = "day-1", *, atomic: bool = False):
    headers = {"Idempotency-Key": key}
    return api.post(BATCH, {"items": TWO, "atomic": atomic}, headers=headers)


def billed() -> list[str]:
    assert Voucher.objects.count() == TestInvoice.objects.count()
    return sorted(TestInvoice.objects.values_list("patient_name", flat=True))


def test_a_database_that_gives_way_is_the_items_result_and_a_replay_bills_the_rest(
    lab_api, monkeypatch
):
    monkeypatch.setattr(batch, "create_invoice", Failing(OperationalError("gone")))

    first = send(lab_api)

    assert (first.status_code, first["Retry-After"]) == (207, "5")
    done, failed = first.json()["data"]
    assert (done["success"], failed["success"], failed["index"]) == (True, False, 1)
    assert failed["errors"][0]["code"] == "database_unavailable"
    assert failed["errors"][0]["message_ar"]
    assert billed() == ["Asha"]
    again = send(lab_api)
    assert (again.status_code, again.json()["data"][0]) == (201, done)
    assert "Idempotent-Replayed" not in again
    assert billed() == ["Asha", "Ravi"]
    third = send(lab_api)
    assert (third.content, third["Idempotent-Replayed"]) == (again.content, "true")
    assert billed() == ["Asha", "Ravi"]


@pytest.mark.parametrize("failure", [ZeroDivisionError("a bug"), SystemExit("killed")])
def test_what_ends_the_request_in_the_middle_bills_nothing_twice(lab_api, monkeypatch, failure):
    monkeypatch.setattr(batch, "create_invoice", Failing(failure))
    if isinstance(failure, SystemExit):
        with pytest.raises(SystemExit):
            send(lab_api)
        assert send(lab_api).status_code == 409  # in flight, as far as anybody knows
        IdempotencyKey.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    else:
        assert send(lab_api).status_code == 500
    assert billed() == ["Asha"]

    assert send(lab_api).status_code == 201

    assert billed() == ["Asha", "Ravi"]


@pytest.mark.parametrize("atomic", [True, False])
def test_what_was_made_and_not_remembered_is_not_made_again(lab_api, atomic):
    first = send(lab_api, atomic=atomic).json()
    # As a kill between the commit and the answer leaves it.
    IdempotencyKey.objects.filter(path=BATCH).update(
        status_code=None, response_body=None, completed_at=None,
        lease_until=timezone.now() - timedelta(seconds=1),
    )  # fmt: skip

    assert send(lab_api, atomic=atomic).json() == first
    assert billed() == ["Asha", "Ravi"]
    assert send(lab_api, "day-2", atomic=atomic).status_code == 201
    assert len(billed()) == 4


def test_a_batch_says_which_bill_is_wrong_and_in_which_field(lab_api):
    numbered = bill(invoice_number="Q")
    for wrong, field in (
        (bill(final_amount=1), "items[1].final_amount"),
        (bill(patient_name=""), "items[1].patient_name"),
        (numbered, "items[1].invoice_number"),
    ):
        refused = lab_api.post(BATCH, {"items": [numbered, wrong]}).json()
        assert [one["field"] for one in refused["errors"]] == [field]
        assert refused["error"]["param"] == field
    assert not TestInvoice.objects.exists()


def test_an_item_that_is_refused_says_all_that_is_known(lab_api):
    answer = lab_api.post(BATCH, {"atomic": False, "items": [bill(final_amount=1)]})

    [error] = answer.json()["data"][0]["errors"]
    assert (error["field"], error["expected"], error["got"]) == ("final_amount", "500.00", "1.00")
    assert answer.status_code == 207
    assert "Retry-After" not in answer


def test_a_quote_honours_its_key(lab_api):
    def quoted(rate: int):
        asked = bill(items=[{"line_no": 1, "test_name": "Sugar", "rate": rate}])
        return lab_api.post(f"{URL}/quote", asked, headers={"Idempotency-Key": "q"})

    first = quoted(500)

    assert (first.status_code, quoted(9).status_code) == (200, 422)
    assert (quoted(500).content, quoted(500)["Idempotent-Replayed"]) == (first.content, "true")


@pytest.mark.parametrize("gst", [0, 9])
def test_a_sum_that_no_amount_holds_is_refused_alone_and_alike_everywhere(lab_api, gst):
    """Two lines of the largest amount; one of them, taxed."""
    largest = {"rate": "9999999999999.99", "cgst_rate": gst, "sgst_rate": gst}
    items = [line(**largest), line(**largest, line_no=2)][: 1 if gst else 2]
    too_much = bill(items=items)
    field = "items[0].total_amount" if gst else "subtotal_amount"

    answer = lab_api.post(BATCH, {"items": [TWO[0], too_much], "atomic": False})

    assert answer.status_code == 207
    done, refused = answer.json()["data"]
    assert (done["success"], refused["success"], refused["index"]) == (True, False, 1)
    refusals = [refused]
    for path, said in ((URL, too_much), (f"{URL}/quote", too_much)):
        answer = lab_api.post(path, said)
        assert answer.status_code == 400
        refusals.append(answer.json())
    for said in refusals:
        error = said["errors"][0]
        assert (error["code"], error["field"]) == ("amount_too_large", field)
        assert "9999999999999.99" in error["message"]
    assert billed() == ["Asha"]
    assert LARGEST == money.LARGEST
