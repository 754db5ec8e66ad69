"""A quote that a person names is asked for in IMS; one that turns out not to be it is undone."""

from uuid import UUID

import pytest
from lxml import etree

from integrations import errors
from integrations.models import IMSPolicy
from integrations.sandbox import books, procedures, standin
from integrations.services import fitting, repairing
from integrations.services.running import run

POLICIES = ("insuredfunctions", "GetInsuredPolicyInfo")


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.IMS_REPEAT_AFTER = 0
    settings.IMS_BREAKER_FAILURES = 100


@pytest.fixture
def doubtful(desk, monkeypatch):
    """A bind whose quote was made, with the answer lost and no tags shown."""
    shown = standin.HANDLERS[POLICIES]

    def without_tags(store, knobs, call):
        policies = shown(store, knobs, call)
        etree.strip_elements(policies, "AdditionalInformation")
        return policies

    with monkeypatch.context() as untagged:
        untagged.setitem(standin.HANDLERS, POLICIES, without_tags)
        desk.ims.knobs.add("drop_after", "AddQuoteWithSubmission")
        row = desk.post()
    assert (row.status, row.reason_code) == ("reconciling", "quote_unknown")
    return row


def adopt(row, guid):
    return repairing.adopt(row, UUID(str(guid)), actor="Rania", reason="Seen in IMS")


def test_a_quote_that_is_not_there_or_does_not_fit_is_refused(desk, doubtful):
    made = desk.ims.store.all("quote")[0]["guid"]
    for changes in ({}, {"insured_name": "Another LLC"}):
        number = 7 + len(changes)
        desk.post(opportunity_id=number, policy_number=f"P-{number}", **changes)
    same, other = (row["guid"] for row in desk.ims.store.all("quote")[1:])
    # As another tenant's, or one made by hand, would be: no policy of ours.
    theirs = IMSPolicy.objects.exclude(pk=doubtful.policy_id)
    theirs.update(quote_guid=UUID(int=5), latest_quote_guid=None)
    for guid, why in (
        (UUID(int=9), "IMS has no such quote"),
        (other, "bound it as policy P-8"),
        (same, "bound it as policy P-7"),
    ):
        with pytest.raises(errors.NotRepairable, match=why):
            adopt(doubtful, guid)
    for guid, why in ((other, "another insured"), (same, "was made for ")):
        held = desk.ims.store.get("quote", guid)
        with desk.ims.store.transaction():
            desk.ims.store.save(held | {"bound": None})
        with pytest.raises(errors.NotRepairable, match=why):
            adopt(doubtful, guid)
    desk.ims.knobs.add("drop_before", "spCheckQuoteBoundStatus")
    with pytest.raises(errors.QuoteNotAsked):
        adopt(doubtful, made)
    doubtful.refresh_from_db()
    assert (doubtful.status, doubtful.quote_guid) == ("reconciling", None)
    assert not doubtful.logs.filter(event="adopted").exists()


def test_a_change_s_quote_is_the_last_of_its_policy_and_of_its_kind(desk):
    desk.post()
    desk.ims.knobs.add("drop_before", "Triton_ProcessFlatEndorsement")
    desk.ims.knobs.add("drop_before", "spGetLatestQuoteByOpportunityID", nth=2)
    row = desk.post("endorsement")
    base = desk.ims.store.all("quote")[-1]
    with desk.ims.store.transaction():
        books.follow(desk.ims.store, base, "C", base["effective"], books.money(-5))
    row.change(next_run_at=row.created_at)
    row = run(row)
    assert row.reason_code == "chain_moved_on"
    for guid, why in (
        (base["guid"], "not the policy's last quote"),
        (desk.ims.store.all("quote")[-1]["guid"], "another kind of change"),
    ):
        with pytest.raises(errors.NotRepairable, match=why):
            adopt(row, guid)


def test_an_adopted_quote_that_is_not_it_is_undone(desk, doubtful, monkeypatch):
    monkeypatch.setattr(fitting, "require_fit", lambda row, guid: None)  # it was there, and went
    row = run(adopt(doubtful, UUID(int=9)))
    assert (row.status, row.reason_code) == ("failed", "quote_not_found")
    assert repairing.has_adopted(row)

    row = run(repairing.create_new(row, actor="Rania", reason="Mistyped"))

    assert (row.status, row.policy.quote_guid) == ("completed", row.quote_guid)
    assert row.quote_guid != UUID(int=9)
    with pytest.raises(errors.NotRepairable):
        repairing.create_new(row, actor="Rania", reason="Again")


def test_a_person_who_adopts_the_change_s_own_quote_lets_its_premium_stand(desk, monkeypatch):
    desk.post()
    # IMS reckons from another premium than has been billed.
    monkeypatch.setitem(
        procedures.PROCEDURES,
        "spgetpolicypremiumtotal",
        lambda store, knobs, values: [("Table", {"TotalPremium": "4000.0000"})],
    )
    row = desk.post("endorsement")
    made = row.steps.get(step="change").result
    assert (row.reason_code, made["TotalPremium"]) == ("premium_differs", "4900.0000")
    figures = row.error
    desk.ims.knobs.add("fault", "BindQuote", text="No producer line setup")

    row = run(adopt(row, row.quote_guid))
    assert (row.status, row.reason_code) == ("needs_attention", "producer_line_setup")
    row = run(repairing.retry(row, actor="Rania"))

    assert (row.status, row.ims_status) == ("completed", "endorsed")
    assert row.warnings == [{"code": "premium_differs", "message": figures}]
    decided = row.steps.get(step="change", decided_by="Rania")
    assert (decided.result, row.invoice.status) == (made, "found")
    assert row.base_quote_guid != row.quote_guid
    assert desk.asked().count("Triton_ProcessFlatEndorsement") == 1
