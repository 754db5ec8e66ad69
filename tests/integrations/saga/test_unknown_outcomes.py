"""An answer that was lost is looked up; what cannot be told is asked of a person."""

from uuid import UUID

import pytest
from django.db import transaction
from lxml import etree

from integrations import failpoints
from integrations.errors import NetworkInTransaction, NotRepairable, ReasonMissing
from integrations.models import IMSPolicy, TritonTransaction
from integrations.sandbox import books, standin
from integrations.services import repairing
from integrations.services.running import run
from tests.integrations.saga.recovery import let_time_pass, outcomes, work_until_ended

POLICIES = ("insuredfunctions", "GetInsuredPolicyInfo")


@pytest.fixture
def untagged(monkeypatch):
    """An installation whose list of an insured's policies does not show their tags."""
    shown = standin.HANDLERS[POLICIES]

    def without_tags(store, knobs, call):
        policies = shown(store, knobs, call)
        etree.strip_elements(policies, "AdditionalInformation")
        return policies

    monkeypatch.setitem(standin.HANDLERS, POLICIES, without_tags)


def test_a_bind_whose_answer_was_lost_is_looked_up_in_the_same_run(desk):
    desk.ims.knobs.add("drop_after", "BindQuote")

    row = desk.post()

    assert (row.status, row.bound_policy_number) == ("completed", "AAA0000295-2511")
    assert outcomes(row, "bind") == ["unknown", "ok"]
    assert desk.asked().count("BindQuote") == 1


def test_a_call_that_may_still_be_on_its_way_is_not_repeated(desk, settings):
    desk.ims.knobs.add("drop_before", "BindQuote")

    row = desk.post()
    assert (row.status, row.reason_code, row.stage) == ("received", "ims_reset", "bind")
    assert outcomes(row, "bind") == ["unknown", "skipped"]
    row = run(row)  # too early, whoever asks
    assert row.status == "received"
    assert desk.asked().count("BindQuote") == 1

    settings.IMS_REPEAT_AFTER = 0  # closed steps never change, so the waiting is shortened
    row = run(row)
    assert (row.status, outcomes(row, "bind")[-2:]) == ("completed", ["not_done", "ok"])
    assert desk.ims.counts()["invoice"] == 1


def test_a_quote_that_cannot_be_told_apart_waits_for_a_person(desk, untagged, settings):
    settings.IMS_REPEAT_AFTER = 0
    desk.ims.knobs.add("drop_after", "AddQuoteWithSubmission")
    row = desk.post()

    assert (row.status, row.reason_code, row.stage) == ("reconciling", "quote_unknown", "quote")
    with pytest.raises(NotRepairable):
        repairing.retry(row, actor="Rania")
    with pytest.raises(ReasonMissing):
        repairing.create_new(row, actor="Rania", reason=" ")
    made = UUID(desk.ims.store.all("quote")[0]["guid"])
    row = run(repairing.adopt(row, made, actor="Rania", reason="Seen in IMS"))

    assert (row.status, row.quote_guid) == ("completed", made)
    assert desk.ims.counts()["quote"] == desk.ims.counts()["policy"] == 1
    assert row.logs.filter(event="adopted", actor="Rania").exists()


def test_a_person_may_have_a_new_quote_made(desk, untagged, settings):
    settings.IMS_REPEAT_AFTER = 0
    other = desk.post(opportunity_id=7, policy_number="P-7")  # the same insured has a quote
    assert other.status == "completed"
    desk.ims.knobs.add("drop_before", "AddQuoteWithSubmission")
    row = desk.post()
    assert (row.status, row.reason_code) == ("reconciling", "quote_unknown")

    row = run(repairing.create_new(row, actor="Rania", reason="There is none"))

    assert (row.status, outcomes(row, "quote")) == (
        "completed",
        ["unknown", "unknown", "not_done", "ok"],
    )
    assert desk.ims.counts()["policy"] == 2


def test_a_chain_that_somebody_else_changed_waits_for_a_person(desk):
    desk.post()
    desk.ims.knobs.add("drop_before", "Triton_ProcessFlatEndorsement")
    desk.ims.knobs.add("drop_before", "spGetLatestQuoteByOpportunityID", nth=2)
    row = desk.post("endorsement")
    assert row.status == "received"
    with desk.ims.store.transaction():
        last = desk.ims.store.all("quote")[-1]
        books.follow(desk.ims.store, last, "C", last["effective"], books.money(-5))

    let_time_pass()
    row = run(row)

    assert (row.status, row.reason_code) == ("reconciling", "chain_moved_on")
    assert desk.ims.counts()["endorsement"] == 0


def test_a_policy_that_is_bound_never_fails_any_more(desk):
    desk.ims.knobs.add("fault", "IssuePolicy", text="Can not issue an unbound policy")

    row = desk.post()

    assert (row.status, row.reason_code, row.ims_status) == (
        "needs_attention",
        "unbound_policy",
        "bound",
    )
    assert row.invoice.invoice_number == "286201"
    row = run(repairing.retry(row, actor="Rania"))
    assert (row.status, row.ims_status) == ("completed", "issued")
    assert desk.asked().count("BindQuote") == 1


def test_a_run_that_was_overtaken_is_not_heard(desk, settings):
    """It slept through its lease in the middle of the bind; another has taken over meanwhile."""
    settings.IMS_REPEAT_AFTER = 0
    row = desk.receive().transaction
    met: list[str] = []

    def overtake(point: str, step: str) -> None:
        if (point, step) == ("answered", "bind") and not met:
            met.append(step)
            let_time_pass()
            assert run(row).status == "completed"

    failpoints.listen(overtake)
    try:
        late = run(row)
    finally:
        failpoints.listen(None)

    assert (late.status, late.run_no, met) == ("completed", 2, ["bind"])
    assert outcomes(row, "bind") == ["unknown", "ok"]
    assert desk.asked().count("BindQuote") == 1
    assert row.logs.filter(event="completed").count() == 1


def test_a_run_that_slept_before_its_call_does_not_make_it(desk, settings):
    settings.IMS_LEASE = 0  # it is over when the step's row is written
    row = run(desk.receive().transaction)

    assert (row.status, desk.asked()) == ("processing", [])


def test_ims_is_never_called_in_a_transaction(desk):
    row = desk.receive().transaction
    with transaction.atomic(), pytest.raises(NetworkInTransaction):
        run(row)
    assert desk.ims.calls() == []


def test_words_of_ims_that_nobody_knows_are_tried_thrice_and_shown(desk, settings):
    settings.IMS_REPEAT_AFTER = 0
    desk.ims.knobs.add("fault", "AutoAddQuoteOptions", calls=0, text="The moon is full.")
    desk.receive()

    work_until_ended()

    row = TritonTransaction.objects.get()
    assert (row.status, row.reason_code, row.error) == (
        "needs_attention",
        "unrecognised",
        "The moon is full.",
    )
    assert outcomes(row, "options") == ["unknown"] * 3


def test_one_insured_is_added_once_for_two_policies(desk):
    desk.ims.knobs.add("drop_after", "AddInsuredWithLocation")
    first = desk.post()
    assert (first.status, first.stage) == ("received", "insured")

    second = desk.post(opportunity_id=7, policy_number="P-7")
    assert second.status in ("received", "completed")
    let_time_pass()
    work_until_ended()

    assert desk.ims.counts()["insured"] == 1
    assert IMSPolicy.objects.filter(bound_at__isnull=False).count() == 2
