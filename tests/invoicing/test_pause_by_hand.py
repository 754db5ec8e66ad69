"""A person stops a unit's sending: it seals, what it seals waits, a person starts it again."""

import pytest

from invoicing.models import Attempt, EGSUnit, Invoice
from invoicing.services import sending
from invoicing.services.onboarding import onboard_unit
from invoicing.services.units import hold_unit, pause_unit
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability.conftest import let_time_pass
from tests.invoicing.traces import URL, everything, log_words

UNITS = "/api/v1/egs-units"


@pytest.fixture
def held(unit, zatca):
    hold_unit(unit, reason="Stock-taking until noon.", by="amal")
    unit.refresh_from_db()
    return unit


def test_a_unit_is_paused_with_a_reason_and_resumed(api, unit):
    answer = api.post(f"{UNITS}/{unit.pk}/pause", {"reason": "Stock-taking."})

    assert answer.status_code == 200
    said = answer.json()
    assert (said["paused_reason"], said["can_seal"]) == ("Stock-taking.", True)
    assert said["paused_by"].startswith("key:")
    resumed = api.post(f"{UNITS}/{unit.pk}/resume").json()
    assert (resumed["paused_at"], resumed["paused_reason"], resumed["paused_by"]) == (None, "", "")


@pytest.mark.parametrize("reason", [None, "", "x" * 501, "bad\x00"])
def test_a_pause_needs_a_reason_and_else_changes_nothing(api, unit, zatca, reason):
    before = everything(zatca)

    response = api.post(f"{UNITS}/{unit.pk}/pause", {"reason": reason})

    assert (response.status_code, response.json()["error"]["param"]) == (400, "reason")
    assert response.json()["error"]["message_ar"]
    assert everything(zatca) == before


def test_a_post_is_sealed_and_says_that_it_waits(api, held, zatca):
    response = api.post(URL, simplified())

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (500, "unit_paused")
    assert error["message"] == (
        "Sending is paused for this unit; the document is sealed and goes out when it is resumed."
    )
    assert (error["invoice"]["next_retry_at"], error["invoice"]["status"]) == (None, "CREATED")
    assert error["invoice"]["qr"] == Invoice.objects.get().current.qr
    let_time_pass(days=1)
    assert sending.send_due() == 0
    assert (log_words(Invoice.objects.get().pk), Attempt.objects.count()) == ([], 0)
    assert zatca.control.deliveries("S-1") == []


def test_resumed_it_sends_what_waited(api, held):
    api.post(URL, simplified())

    api.post(f"{UNITS}/{held.pk}/resume")
    assert sending.send_due() == 1

    assert Invoice.objects.get().status == "CLEARED"


def test_a_retry_by_hand_goes_out_and_does_not_end_the_pause(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="error_503_before")
    pk = api.post(URL, simplified()).json()["error"]["invoice"]["id"]
    hold_unit(unit, reason="Stock-taking.", by="amal")

    assert api.post(f"{URL}/{pk}/retry").status_code == 200

    assert EGSUnit.objects.get().paused_reason == "Stock-taking."


def test_a_new_csid_does_not_end_it_either(held):
    onboard_unit(held, otp="123456", by="tests")

    assert EGSUnit.objects.get().paused_by == "amal"


def test_refused_credentials_do_not_take_it_over(held):
    pause_unit(held, "401")

    assert EGSUnit.objects.get().paused_by == "amal"


def test_a_person_takes_over_a_pause_for_credentials(api, unit, zatca):
    pause_unit(unit, "401")
    hold_unit(unit, reason="Wait for the accountant.", by="amal")

    onboard_unit(unit, otp="123456", by="tests")

    assert EGSUnit.objects.get().paused_reason == "Wait for the accountant."
