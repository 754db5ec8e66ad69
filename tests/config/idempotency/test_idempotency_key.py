import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from config.idempotency.models import IdempotencyKey
from config.idempotency.services import claim_key, keep_answer, prune, release_key
from tests.config.idempotency.conftest import runs


def code_of(response) -> str:
    return response.json()["error"]["code"]


def test_without_a_key_every_request_is_carried_out(till):
    assert [till.post(key=None).status_code for _ in range(2)] == [201, 201]
    assert runs() == 2
    assert not IdempotencyKey.objects.exists()


def test_the_same_request_gets_the_first_answer_again_to_the_byte(till):
    first = till.post(amount="1.50", note="é")
    second = till.post(amount="1.50", note="é")

    assert runs() == 1
    assert (second.status_code, second.content) == (201, first.content)
    assert second["Location"] == first["Location"]
    assert second["Content-Type"] == first["Content-Type"]
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert "X-Other" not in second


def test_both_spellings_of_a_path_and_any_order_of_keys_are_one_request(till):
    till.post(a=1, b=2)

    assert till.post(path="/api/v1/orders/", b=2, a=1)["Idempotent-Replayed"] == "true"
    assert runs() == 1


@pytest.mark.parametrize("change", [{"amount": "1.51"}, {"path": "/api/v1/orders?x=1"}])
def test_another_request_under_the_same_key_is_422(till, change):
    till.post(amount="1.50")

    response = till.post(**{"amount": "1.50", **change})

    assert (response.status_code, code_of(response)) == (422, "idempotency_key_reused")
    assert runs() == 1


def test_two_tenants_may_choose_the_same_key(till, foreign_till):
    assert [till.post(a=1).status_code, foreign_till.post(a=2).status_code] == [201, 201]
    assert runs() == 2


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "two words", "caf\u00e9", "a\tb"])
def test_a_key_that_is_no_key_is_refused(till, key):
    response = till.post(key=key)

    assert (response.status_code, code_of(response)) == (400, "invalid_idempotency_key")
    assert runs() == 0


def test_255_characters_are_a_key(till):
    assert till.post(key="x" * 255).status_code == 201


@pytest.mark.parametrize(("then", "status"), [("refused", 400), ("duplicate", 409)])
def test_a_refusal_is_an_answer_and_is_kept(till, then, status):
    first, second = till.post(then=then), till.post(then=then)

    assert (second.status_code, second.content) == (status, first.content)
    assert second["Idempotent-Replayed"] == "true"
    assert runs() == 1


@pytest.mark.parametrize(
    ("then", "status"), [("busy", 409), ("throttled", 429), ("unavailable", 503), ("bug", 500)]
)
def test_later_is_no_answer_and_the_request_runs_again(till, then, status):
    for _ in range(2):
        response = till.post(then=then)
        assert response.status_code == status
        assert "Idempotent-Replayed" not in response
    assert runs() == 2


def test_after_an_unknown_outcome_the_key_still_refuses_another_body(till):
    till.post(then="unavailable")

    assert code_of(till.post(then="refused")) == "idempotency_key_reused"
    assert runs() == 1


def test_a_body_that_cannot_be_read_takes_no_key(till):
    response = till.send(b"{")

    assert response.status_code == 400
    assert not IdempotencyKey.objects.exists()


def claimed(tenant_id: int, fingerprint: str = "f" * 64) -> IdempotencyKey:
    return claim_key(
        tenant_id=tenant_id, method="POST", path="/x", key="k", fingerprint=fingerprint
    )


def answer(row: IdempotencyKey, body: str) -> bool:
    return keep_answer(row, status=200, body=body, headers={})


def test_a_claim_holds_for_ninety_seconds_and_then_passes_on(najd):
    pk = najd.pk
    start = dt.datetime(2024, 1, 31, 9, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False):
        slow = claimed(pk)
    with time_machine.travel(start + dt.timedelta(seconds=89), tick=False):
        with pytest.raises(Exception, match="being carried out") as held:
            claimed(pk)
        assert (held.value.status, held.value.retry_after) == (409, 1)
    with time_machine.travel(start + dt.timedelta(seconds=90), tick=False):
        second = claimed(pk)

    assert answer(slow, "late") is False, "the late answer of a lost lease is not kept"
    assert release_key(slow) is False
    assert answer(second, "true") is True
    assert IdempotencyKey.objects.get().response_body == "true"


def test_a_late_answer_counts_while_nobody_took_over(najd):
    with time_machine.travel(timezone.now() - dt.timedelta(hours=1)):
        row = claimed(najd.pk)

    assert answer(row, "late") is True


def test_keys_are_kept_for_seven_days(till):
    now = timezone.now()
    for days, path in ((6, "/six"), (8, "/eight")):
        with time_machine.travel(now - dt.timedelta(days=days)):
            till.post(key=path)

    assert prune(now) == 1
    assert IdempotencyKey.objects.get().key == "/six"
    assert prune(now) == 0
