"""Every way out of being stuck: who may, what is said first, what becomes of it."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from lxml import etree

from integrations.models import IMSCall, PayloadVersion, ProcessingLog, TritonTransaction
from integrations.sandbox import standin
from integrations.services import repairing
from integrations.services.running import run
from tests.integrations.admin.pages import GROUPS, TRANSACTIONS, form_of, of, words

POLICIES = ("insuredfunctions", "GetInsuredPolicyInfo")
UNKNOWN = {"producer_email": "who@example.com", "producer_name": ""}
WAYS = ["retry", "resume", "correct", "adopt", "create", "close"]


@pytest.fixture
def stuck(desk) -> TritonTransaction:
    """Its producer is unknown in IMS."""
    return desk.post(**UNKNOWN)


def traces() -> tuple[int, ...]:
    kinds = (ProcessingLog, PayloadVersion, IMSCall, LogEntry)
    return tuple(kind.objects.count() for kind in kinds)


@pytest.mark.parametrize("way", WAYS)
def test_who_may_not_repair_changes_nothing(viewer, clerk, stranger, stuck, way):
    before = traces()
    said = {"reason": "Because.", "step": "producer", "payload": "{}"}
    for browser, code in ((viewer, 403), (clerk, 403), (stranger, 404)):
        assert browser.get(of(stuck, way)).status_code == code
        assert browser.post(of(stuck, way), said).status_code == code
    assert traces() == before
    assert "Retry" not in words(viewer.get(of(stuck)))


def test_retry_goes_on_once_the_producer_is_there(integrator, desk, stuck):
    page = integrator.get(of(stuck, "retry"))
    assert "IMS knows no producer contact who@example.com" in words(page)
    desk.environment.producer_aliases.create(written="who@example.com", name="Pat Reed")
    told = words(integrator.post(of(stuck, "retry"), form_of(page), follow=True))
    assert f"{stuck}: completed." in told
    stuck.refresh_from_db()
    assert (stuck.status, stuck.policy.invoice_number) == ("completed", "286201")
    assert ProcessingLog.objects.get(event="retried").actor == "user:idris"
    again = words(integrator.post(of(stuck, "retry"), form_of(page), follow=True))
    assert "This is not possible for a transaction in this state." in again


def test_resume_asks_for_the_step_and_the_reason(integrator, desk, stuck):
    page = integrator.get(of(stuck, "resume"))
    assert page.context["form"]["step"].value() == "producer"
    empty = integrator.post(of(stuck, "resume"), form_of(page, step="producer"))
    assert "This field is required" in words(empty)
    desk.ims.add_producer("Who", "who@example.com")
    said = form_of(page, step="producer", reason="Added in IMS.")
    integrator.post(of(stuck, "resume"), said)
    stuck.refresh_from_db()
    assert stuck.status == "completed"
    line = ProcessingLog.objects.get(event="resumed_from")
    assert (line.actor, line.message) == ("user:idris", "producer: Added in IMS.")


def test_a_payload_is_corrected_after_its_changes_were_shown(integrator, desk, stuck):
    page = integrator.get(of(stuck, "correct"))
    payload = json.loads(page.context["form"]["payload"].value())
    broken = payload | {"insured_zip": "1"}
    said = {"payload": json.dumps(broken), "reason": "Misspelt."}
    assert "insured_zip: A ZIP code has five digits." in words(
        integrator.post(of(stuck, "correct"), said)
    )
    said["payload"] = json.dumps(payload)
    assert "Nothing is different." in words(integrator.post(of(stuck, "correct"), said))

    said["payload"] = json.dumps(payload | {"producer_email": "pat.reed@example.com"})
    review = integrator.post(of(stuck, "correct"), said)
    assert '- "producer_email": "who@example.com"' in words(review)
    assert '+ "producer_email": "pat.reed@example.com"' in words(review)
    assert PayloadVersion.objects.count() == 1
    assert f"{stuck}: completed." in words(
        integrator.post(of(stuck, "correct"), form_of(review), follow=True)
    )
    version = PayloadVersion.objects.get(number=2)
    assert (version.actor, version.reason) == ("user:idris", "Misspelt.")
    assert "Version 2" in words(integrator.get(of(stuck)))


def test_a_correction_keeps_id_type_and_opportunity(integrator, stuck):
    payload = dict(stuck.current.payload) | {"opportunity_id": 9}
    said = {"payload": json.dumps(payload, default=str), "reason": "Another."}
    review = integrator.post(of(stuck, "correct"), said)
    told = words(integrator.post(of(stuck, "correct"), form_of(review)))
    assert "A correction keeps the transaction's id, type and opportunity." in told
    assert PayloadVersion.objects.count() == 1


def test_a_correction_that_somebody_else_made_first_is_shown_anew(integrator, stuck):
    payload = dict(stuck.current.payload)
    said = {"payload": json.dumps(payload | {"city": "Austin"}, default=str), "reason": "Moved."}
    review = integrator.post(of(stuck, "correct"), said)
    theirs = payload | {"city": "Dallas"}
    run(repairing.correct(stuck, theirs, actor="user:omar", reason="First."))

    again = integrator.post(of(stuck, "correct"), form_of(review))
    assert '- "city": "Dallas"' in words(again)
    assert PayloadVersion.objects.count() == 2


def test_close_needs_a_reason_and_releases_what_waits(integrator, desk, stuck):
    waiting = desk.post("issue", prior_transaction_id=stuck.transaction_id)
    page = integrator.get(of(stuck, "close"))
    assert "What waits for it is released." in words(page)
    assert "This field is required" in words(integrator.post(of(stuck, "close"), form_of(page)))
    integrator.post(of(stuck, "close"), form_of(page, reason="Sent by mistake."))
    stuck.refresh_from_db()
    waiting.refresh_from_db()
    assert (stuck.status, stuck.closed_by) == ("closed", "user:idris")
    assert stuck.closed_reason == "Sent by mistake."
    assert waiting.status == "received"
    assert "Sent by mistake." in words(integrator.get(of(stuck)))


@pytest.fixture
def doubtful(desk, settings, monkeypatch) -> TritonTransaction:
    """Its quote was made, its answer was lost, and IMS's list does not show whose it is."""
    settings.IMS_REPEAT_AFTER = 0
    shown = standin.HANDLERS[POLICIES]

    def without_tags(store, knobs, call):
        policies = shown(store, knobs, call)
        etree.strip_elements(policies, "AdditionalInformation")
        return policies

    monkeypatch.setitem(standin.HANDLERS, POLICIES, without_tags)
    desk.ims.knobs.add("drop_after", "AddQuoteWithSubmission")
    return desk.post()


def test_a_quote_that_nobody_knows_of_is_adopted(integrator, desk, doubtful):
    told = words(integrator.get(of(doubtful)))
    assert "reconciling" in told
    assert "Adopt a quote" in told
    assert "Create new" in told
    page = integrator.get(of(doubtful, "adopt"))
    said = form_of(page, reason="Seen in IMS.")
    odd = integrator.post(of(doubtful, "adopt"), said | {"quote_guid": "286201"})
    assert "Enter a valid UUID" in words(odd)
    made = desk.ims.store.all("quote")[0]["guid"]
    integrator.post(of(doubtful, "adopt"), said | {"quote_guid": made})
    doubtful.refresh_from_db()
    assert (doubtful.status, str(doubtful.quote_guid)) == ("completed", made)
    assert desk.ims.counts()["quote"] == 1
    assert "decided by user:idris" in words(integrator.get(of(doubtful)))


def test_a_new_quote_is_made_when_a_person_says_so(integrator, desk, doubtful):
    page = integrator.get(of(doubtful, "create"))
    assert "it will be there twice" in words(page)
    integrator.post(of(doubtful, "create"), form_of(page, reason="It is not there."))
    doubtful.refresh_from_db()
    assert (doubtful.status, desk.ims.counts()["policy"]) == ("completed", 1)


def test_many_are_retried_and_closed_with_one_reason(integrator, desk):
    rows = [
        desk.post(opportunity_id=n, policy_number=f"P-{n}", insured_name=f"I {n}", **UNKNOWN)
        for n in (1, 2)
    ]
    ids = [str(row.pk) for row in rows]
    page = integrator.post(TRANSACTIONS, {"action": "retry_selected", "_selected_action": ids})
    assert "IMS knows no producer contact who@example.com" in words(page)
    done = integrator.post(TRANSACTIONS, form_of(page))
    assert words(done).count("Received") == 2
    assert TritonTransaction.objects.filter(status="received").count() == 2

    for row in rows:
        run(row)
    page = integrator.post(TRANSACTIONS, {"action": "resume_selected", "_selected_action": ids})
    assert page.context["form"]["step"].value() == "producer"
    desk.ims.knobs.add("html_503", calls=0)
    integrator.post(TRANSACTIONS, form_of(page, step="producer", reason="Looked up."))
    assert ProcessingLog.objects.filter(event="resumed_from").count() == 2

    page = integrator.post(TRANSACTIONS, {"action": "close_selected", "_selected_action": ids})
    integrator.post(TRANSACTIONS, form_of(page, reason="All wrong."))
    assert set(TritonTransaction.objects.values_list("status", "closed_reason")) == {
        ("closed", "All wrong.")
    }
    none = integrator.post(
        TRANSACTIONS, {"action": "close_selected", "_selected_action": ids}, follow=True
    )
    assert "so nothing was done" in words(none)


def test_a_group_is_counted_and_replayed_in_one_click(integrator, viewer, desk):
    rows = [
        desk.post(opportunity_id=n, policy_number=f"P-{n}", insured_name=f"I {n}", **UNKNOWN)
        for n in (1, 2, 3)
    ]
    desk.post(opportunity_id=4, policy_number="P-4", underwriter_name="Nobody Known")
    key = rows[0].group_key
    page = words(integrator.get(GROUPS))
    assert "3 IMS knows no producer contact who@example.com producer_not_found" in page
    assert "1 IMS knows no underwriter Nobody Known" in page
    assert "Replay this group" not in words(viewer.get(GROUPS))
    assert viewer.post(f"{GROUPS}{key}/replay/").status_code == 403
    listed = integrator.get(f"{GROUPS}{key}/", follow=True)
    assert listed.context["cl"].result_count == 3

    desk.environment.producer_aliases.create(written="who@example.com", name="Pat Reed")
    ask = integrator.get(f"{GROUPS}{key}/replay/")
    assert "Replay 3 transactions" in words(ask)
    told = words(integrator.post(f"{GROUPS}{key}/replay/", form_of(ask), follow=True))
    assert "3 of this group are due" in told
    assert TritonTransaction.objects.filter(status="received").count() == 3
    assert integrator.get(f"{GROUPS}{key}/replay/").status_code == 404


def test_a_form_of_another_tenant_does_nothing(integrator, stuck, hijaz):
    before = traces()
    answer = integrator.post(of(stuck, "close"), {"_tenant": hijaz.pk, "reason": "No."})
    assert answer.status_code == 302
    stuck.refresh_from_db()
    assert stuck.status == "needs_attention"
    assert traces() == before
