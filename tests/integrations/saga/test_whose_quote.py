"""The answer to a quote was lost: it is looked for, and may be somebody else's."""

from decimal import Decimal
from uuid import UUID

import pytest

from integrations import errors
from integrations.sandbox import books, operations, standin
from integrations.services import repairing
from integrations.services.running import run
from tests.integrations.saga.recovery import let_time_pass, work_until_ended

SHOWN = ("quotefunctions", "GetPolicyInformation")
PROCEDURE = {
    "endorsement": "Triton_ProcessFlatEndorsement",
    "cancellation": "Triton_ProcessFlatCancellation",
    "reinstatement": "Triton_ProcessFlatReinstatement",
}


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.IMS_REPEAT_AFTER = 0
    settings.IMS_BREAKER_FAILURES = 100


def shows(monkeypatch, **columns):
    """An installation whose GetPolicyInformation tells this, or less."""

    def policy_information(store, knobs, call):
        with_all = {"Comment": "", "Premium": ""} | columns
        inner = "".join(f"<{name}>{text}</{name}>" for name, text in with_all.items())
        return f"<PolicyInformation>{inner}</PolicyInformation>"

    monkeypatch.setitem(standin.HANDLERS, SHOWN, policy_information)


@pytest.mark.parametrize("kind", PROCEDURE)
def test_a_quote_of_the_same_kind_by_other_hands_is_not_ours(desk, kind):
    desk.post()
    if kind == "reinstatement":
        desk.post("cancellation")
    desk.ims.knobs.add("drop_before", PROCEDURE[kind])
    desk.ims.knobs.add("drop_before", "spGetLatestQuoteByOpportunityID", nth=2)
    row = desk.post(kind)
    assert row.status == "received"
    with desk.ims.store.transaction():
        last = desk.ims.store.all("quote")[-1]
        letter = kind[0].upper()
        books.follow(desk.ims.store, last, letter, last["effective"], books.money(777), "By hand")
    bound = desk.asked().count("BindQuote")

    let_time_pass()
    row = run(row)

    assert (row.status, row.reason_code, row.quote_guid) == ("reconciling", "change_unproved", None)
    assert desk.asked().count(PROCEDURE[kind]) == 1
    assert desk.asked().count("BindQuote") == bound


@pytest.mark.parametrize("kind", PROCEDURE)
def test_our_own_is_known_by_its_tag(desk, kind):
    desk.post()
    if kind == "reinstatement":
        desk.post("cancellation")
    desk.ims.knobs.add("drop_after", PROCEDURE[kind])

    row = desk.post(kind)

    assert (row.status, desk.ims.counts()[kind]) == ("completed", 1)
    assert "premium_unchecked" not in str(row.warnings)
    comment = desk.ims.store.get("quote", str(row.quote_guid))["comment"]
    assert comment.endswith(f" [TRITON:{row.transaction_id}]")


def test_an_ims_that_shows_no_comments_leaves_it_to_a_person(desk, monkeypatch):
    desk.post()
    shows(monkeypatch)
    desk.ims.knobs.add("drop_after", PROCEDURE["endorsement"])
    row = desk.post("endorsement")
    assert (row.status, row.reason_code) == ("reconciling", "change_unproved")

    made = UUID(desk.ims.store.all("quote")[-1]["guid"])
    row = run(repairing.adopt(row, made, actor="Rania", reason="Of this minute, for -100"))

    assert (row.status, row.ims_status) == ("completed", "endorsed")
    assert [warning["code"] for warning in row.warnings] == ["premium_unchecked"]


def test_an_ims_that_does_not_know_the_question_leaves_it_to_a_person(desk, monkeypatch):
    desk.post()
    monkeypatch.setitem(standin.HANDLERS, SHOWN, operations.get_insured)  # it refuses
    desk.ims.knobs.add("drop_after", PROCEDURE["cancellation"])
    row = desk.post("cancellation")
    assert (row.status, row.reason_code) == ("reconciling", "change_unproved")


def test_sums_that_were_lost_are_compared_with_the_quote_s_premium(desk, monkeypatch):
    """The quote is ours; what it will bill is what was asked for, or a person looks."""
    desk.post()
    for premium, code in (
        ("", "premium_unchecked"),
        ("$ -100", "premium_unchecked"),
        ("777.0000", "premium_differs"),
        ("-100.0000", ""),
    ):
        desk.ims.knobs.add("drop_after", PROCEDURE["endorsement"])
        body = {"midterm_endt_id": len(desk.ims.store.all("endorsement")) + 1}
        row = desk.receive("endorsement", **body).transaction
        mark = f"Endt [TRITON:{row.transaction_id}]"
        shows(monkeypatch, Comment=mark, Premium=premium)
        row = run(row)
        assert (row.reason_code, row.bound_at is None) == (code, bool(code)), premium
        if code:
            assert row.status == "needs_attention"
            row = run(repairing.resume_from(row, "options", actor="Rania", reason="Seen in IMS"))
        assert (row.status, row.warnings, row.invoice.premium) == ("completed", [], Decimal(-100))


def test_a_quote_in_doubt_is_looked_for_under_the_insured_it_was_made_for(desk):
    """Meanwhile IMS calls the insured by another name, so that it would be added anew."""
    desk.ims.knobs.add("drop_after", "AddQuoteWithSubmission")
    desk.ims.knobs.add("html_503", "GetInsuredPolicyInfo", calls=2)
    row = desk.post()
    assert (row.status, row.stage, row.quote_guid) == ("received", "quote", None)
    insured = row.insured_guid
    held = desk.ims.store.get("insured", str(insured))
    with desk.ims.store.transaction():
        renamed = {"CorporationName": "Renamed LLC", "NameOnPolicy": "Renamed LLC"}
        desk.ims.store.save(held | renamed)

    work_until_ended()

    row.refresh_from_db()
    assert (row.status, row.insured_guid) == ("completed", insured)
    assert (desk.ims.counts()["insured"], desk.ims.counts()["quote"]) == (1, 1)


@pytest.mark.parametrize("kind", ["endorsement", "cancellation"])
def test_the_quote_before_a_change_in_doubt_is_not_read_anew(desk, kind):
    """It would be the change's own, which nobody would find any more."""
    desk.post()
    desk.ims.knobs.add("drop_after", PROCEDURE[kind])
    desk.ims.knobs.add(
        "fault", "spGetLatestQuoteByOpportunityID", nth=2, text="Could not find stored procedure"
    )
    row = desk.post(kind)
    assert (row.status, repairing.doubtful_steps(row)) == ("needs_attention", ["change"])

    for step in ("store", "latest"):
        with pytest.raises(errors.StepNotRepeatable, match="change is in doubt"):
            repairing.resume_from(row, step, actor="Rania", reason="Set up")
    row.refresh_from_db()
    assert (row.status, row.redo_from) == ("needs_attention", "")
    row = run(repairing.resume_from(row, "change", actor="Rania", reason="Set up"))

    assert (row.status, row.redo_from) == ("completed", "")
    assert desk.asked().count(PROCEDURE[kind]) == 1
