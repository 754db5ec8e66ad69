"""Lines that drop and processes that die, at every step of every type: nothing happens twice."""

import pytest

from integrations.saga.table import SAGAS
from tests.integrations.saga.recovery import (
    LIFE,
    ONE_OF_EACH,
    drop_once,
    killed_once_at_each,
    states,
    work_until_ended,
)

# What changes something, and what it is looked up by; every call: the campaign.
ASKED = (
    "AddInsuredWithLocation", "AddQuoteWithSubmission", "GetInsuredPolicyInfo",
    "AutoAddQuoteOptions", "spProcessTritonPayload", "BindQuote", "spCheckQuoteBoundStatus",
    "ryan_rptInvoice", "IssuePolicy", "Triton_ProcessFlatEndorsement",
    "Triton_ProcessFlatCancellation", "Triton_ProcessFlatReinstatement",
)  # fmt: skip
DONE = [
    (kind if kind != "endorsement" else "midterm_endorsement", "completed", "") for kind in LIFE
]


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.IMS_REPEAT_AFTER = 0
    settings.IMS_FIRST_RETRY = 0
    settings.IMS_BREAKER_FAILURES = 100


def live(desk):
    for kind in LIFE:
        desk.receive(kind)
    work_until_ended()


@pytest.mark.parametrize("mishap", ["drop_before", "drop_after"])
def test_every_change_of_a_policy_s_life_meets_a_broken_line_once(desk, mishap):
    drop_once(desk.ims, mishap, names=ASKED)

    live(desk)

    assert states() == DONE
    assert desk.ims.counts() == ONE_OF_EACH
    assert all(mishap.seen for mishap in desk.ims.knobs.mishaps)


@pytest.mark.parametrize("point", ["begun", "answered"])
def test_the_worker_dies_at_every_step_of_a_policy_s_life(desk, point):
    with killed_once_at_each(point) as met:
        live(desk)
        desk.receive("unbind")
        work_until_ended()

    steps = {step.name for saga in SAGAS.values() for step in saga}
    assert steps - set(met) == {"renewal", "bound_before", "invoice_again"}
    assert states() == [*DONE, ("unbind", "completed", "")]
    assert desk.ims.counts() == ONE_OF_EACH
