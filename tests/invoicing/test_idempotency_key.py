"""`Idempotency-Key` on the invoice endpoints: contracts 10."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from config.idempotency.models import IdempotencyKey
from config.idempotency.services import claim_key
from config.json import fingerprint
from invoicing.models import EGSUnit, Invoice
from tests.invoicing.payloads import LINE, standard
from tests.invoicing.traces import URL, everything, log_words

KEY = {"Idempotency-Key": "order-7"}
OTHER = {"line_items": [{**LINE, "quantity": 3}]}


def test_the_first_answer_is_given_again(api, unit, zatca):
    first = api.post(URL, standard(), headers=KEY)
    before = everything(zatca)

    again = api.post(URL, standard(), headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert (again["Idempotent-Replayed"], "Idempotent-Replayed" in first) == ("true", False)
    assert everything(zatca) == before


def test_another_key_meets_the_table(api, unit, zatca):
    api.post(URL, standard(), headers=KEY)
    response = api.post(URL, standard(), headers={"Idempotency-Key": "order-8"})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "duplicate_invoice")


def test_another_body_is_422(api, unit, zatca):
    api.post(URL, standard(), headers=KEY)
    before = everything(zatca)

    response = api.post(URL, standard(**OTHER), headers=KEY)

    assert response.status_code == 422
    assert response.json()["error"]["type"] == "idempotency_error"
    assert everything(zatca) == before


def test_a_refusal_is_given_again_too(api, unit, zatca):
    first = api.post(URL, standard(line_items=[]), headers=KEY)
    again = api.post(URL, standard(line_items=[]), headers=KEY)
    assert (first.status_code, again.content) == (400, first.content)
    assert again["Idempotent-Replayed"] == "true"


def test_a_500_is_not_kept_the_same_request_runs_again(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="error_503_before")
    assert api.post(URL, standard(), headers=KEY).status_code == 500

    again = api.post(URL, standard(), headers=KEY)

    assert (again.status_code, again.json()["status"]) == (200, "CLEARED")
    assert "Idempotent-Replayed" not in again
    pk = Invoice.objects.get().pk
    assert log_words(pk)[1:] == [("SUBMITTED", "RETRY", "FAILED"), ("CLEARED", None, None)]
    assert api.post(URL, standard(), headers=KEY)["Idempotent-Replayed"] == "true"


def test_a_503_is_not_kept(api, unit, zatca):
    EGSUnit.objects.update(issues_standard=False)
    assert api.post(URL, standard(), headers=KEY).status_code == 503
    EGSUnit.objects.update(issues_standard=True)
    assert api.post(URL, standard(), headers=KEY).status_code == 201


def in_flight(najd) -> None:
    claim_key(
        tenant_id=najd.pk,
        method="POST",
        path=URL,
        key="order-7",
        fingerprint=fingerprint(["", standard()]),
    )


def test_in_flight_is_409(api, unit, zatca, najd):
    in_flight(najd)
    before = everything(zatca)

    response = api.post(URL, standard(), headers=KEY)

    assert (response.status_code, response.json()["error"]["type"]) == (409, "idempotency_error")
    assert int(response["Retry-After"]) >= 1
    assert everything(zatca) == before


def test_after_the_lease_the_request_runs(api, unit, zatca, najd):
    in_flight(najd)
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        assert api.post(URL, standard(), headers=KEY).status_code == 201


def test_a_retry_has_keys_of_its_own_path(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="error_503_before")
    error = api.post(URL, standard(), headers=KEY).json()["error"]
    target = f"{URL}/{error['invoice']['id']}/retry"

    first = api.post(target, headers=KEY)
    again = api.post(target, headers=KEY)

    assert (first.status_code, again.content) == (200, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert len(zatca.control.deliveries("INV-1")) == 2
    # Without the key it is refused: the invoice is cleared by now.
    assert api.post(target).status_code == 400


def test_an_early_answer_is_replayed_as_it_was(api, unit, zatca):
    headers = {**KEY, "Prefer": "respond-async"}
    first = api.post(URL, standard(), headers=headers)
    again = api.post(URL, standard(), headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert again["Preference-Applied"] == "respond-async"


@pytest.mark.parametrize("path", [URL, f"{URL}/"])
def test_the_two_spellings_of_a_path_are_one(api, unit, zatca, path):
    api.post(URL, standard(), headers=KEY)
    assert api.post(path, standard(), headers=KEY)["Idempotent-Replayed"] == "true"
    assert IdempotencyKey.objects.count() == 1
