"""Processes killed with SIGKILL, and calls that IMS is still at; all points: the campaign."""

import time

import pytest

from integrations.models import SagaStep
from tests.integrations.reliability.deaths import runs_and_is_killed
from tests.integrations.reliability.scenarios import Scenario, play
from tests.integrations.saga.recovery import outcomes, work_until_ended

POINTS = (
    Scenario("bind", "answered/insured"),
    Scenario("bind", "answered/quote"),
    Scenario("bind", "answered/bind"),
    Scenario("endorsement", "answered/change"),
    Scenario("unbind", "begun/unbind"),
)


def test_a_killed_process_leaves_nothing_doubled_or_lost(committed, desk, settings):
    settings.IMS_REPEAT_AFTER = 0
    wrong = [play(desk, scenario, number) for number, scenario in enumerate(POINTS, 1)]
    assert wrong == [[]] * len(POINTS)


@pytest.mark.parametrize(
    ("operation", "step"), [("AddQuoteWithSubmission", "quote"), ("BindQuote", "bind")]
)
def test_what_ims_is_still_at_is_not_asked_for_again(committed, desk, settings, operation, step):
    """The process dies while IMS works; IMS finishes after the first look-up has said "no"."""
    settings.IMS_REPEAT_AFTER = 2
    desk.ims.knobs.add("slow", operation, seconds=1.5)
    row = desk.receive().transaction

    def begun():
        return SagaStep.objects.filter(step=step).exists() and operation in desk.asked()

    assert runs_and_is_killed(row, begun)
    for _ in range(40):
        work_until_ended(rounds=1)
        row.refresh_from_db()
        if row.status == "completed":
            break
        time.sleep(0.1)

    assert row.status == "completed"
    assert outcomes(row, step)[:2] == ["unknown", "skipped"]
    assert desk.asked().count(operation) == 1
    counts = desk.ims.counts()
    assert (counts["quote"], counts["policy"], counts["invoice"]) == (1, 1, 1)
