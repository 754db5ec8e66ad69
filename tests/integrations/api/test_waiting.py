"""A 202 says what the transaction waits for, on POST and whenever one asks (ims.md 1.6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import IMSCall, IMSEnvironment, TritonTransaction
from integrations.services import environments
from tests.integrations.payloads import transaction

NEW = "/api/triton/transaction/new"


def paused(desk) -> None:
    environments.pause(desk.environment, actor="Rania", reason="IMS is upgraded.")


def login_refused(desk) -> None:
    environments.hold_for_login(desk.environment, "IMS refuses the user name or password.")


def breaker_open(desk) -> None:
    now = timezone.now()
    IMSEnvironment.objects.update(opened_at=now, open_until=now + timedelta(seconds=60))


def not_active(desk) -> None:
    IMSEnvironment.objects.update(is_active=False)


def busy(desk) -> None:
    """Its only place is taken by another policy's transaction."""
    IMSEnvironment.objects.update(capacity=1)
    row = desk.receive(opportunity_id=9, policy_number="P-9").transaction
    TritonTransaction.objects.filter(pk=row.pk).update(
        status="processing",
        next_run_at=None,
        run_no=1,
        lease_until=timezone.now() + timedelta(minutes=2),
    )


@pytest.mark.parametrize(
    ("happens", "code", "status", "said"),
    [
        (paused, "ims_paused", 503, "paused: IMS is upgraded."),
        (not_active, "ims_paused", 503, "not active"),
        (login_refused, "ims_login_refused", 502, "IMS refuses the user name or password."),
        (breaker_open, "ims_breaker_open", 503, "(demo) does not answer"),
        (busy, "ims_busy", 503, "as many transactions as it takes at once"),
    ],
)
@pytest.mark.parametrize("mode", ["true", "false"])
def test_it_says_what_it_waits_for(api, desk, settings, happens, code, status, said, mode):
    settings.IMS_SYNC_DEADLINE = 0.3
    happens(desk)
    answer = api.post(f"{NEW}?sync_mode={mode}", transaction())
    told = answer.json()
    assert (answer.status_code, told["status"]) == (202, "received")
    assert (told["error"]["code"], told["error"]["status"]) == (code, status)
    assert said in told["error"]["message"]
    assert api.get(answer["Location"]).json()["error"]["code"] == code
    assert not IMSCall.objects.exists()


def test_what_waits_for_its_next_try_says_what_it_met(api, desk, settings):
    settings.IMS_FIRST_RETRY = 60
    desk.ims.knobs.add("html_503", calls=0)
    answer = api.post(NEW, transaction())
    assert answer.json()["error"]["code"] == "ims_unavailable"
    paused(desk)
    assert api.get(answer["Location"]).json()["error"]["code"] == "ims_paused"
    environments.resume(desk.environment, actor="Rania")
    assert api.get(answer["Location"]).json()["error"]["code"] == "ims_unavailable"


def test_what_only_waits_for_its_turn_says_nothing(api, desk):
    answer = api.post(f"{NEW}?sync_mode=false", transaction())
    assert "error" not in answer.json()
    assert "error" not in api.get(answer["Location"]).json()
