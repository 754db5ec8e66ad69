"""A correction never says of a quote what IMS does not bind, and leads to the policy it names."""

import json

import pytest

from config.json import parse_object
from integrations import errors
from integrations.sandbox import procedures
from integrations.services import repairing
from integrations.services.running import run
from tests.integrations.payloads import transaction

LATER = "2027-03-01"
SET_UP = "No producer line setup could be found"
# Per type: what its quote was made of, and what a correction may change all the same.
FIXED = {
    "bind": {
        "insured_name": "Quite Another LLC",
        "address_1": "2 Other Street",
        "state": "OH",
        "program_name": "Excess Care",
        "producer_email": "sam.lane@example.com",
        "producer_name": "Sam Lane",
        "underwriter_name": "Robin Hale",
    },
    "endorsement": {
        "midterm_endt_premium": "77.00",
        "midterm_endt_effective_from": LATER,
        "producer_email": "sam.lane@example.com",
    },
    "cancellation": {"policy_cancellation_premium": 2500, "policy_cancellation_date": LATER},
    "reinstatement": {"reinstatement_reason": "Paid after all"},
}
FREE = {"bind": {"gross_premium": "4100.00"}}


def correct(row, body, **changes):
    payload = parse_object(json.dumps(body | changes).encode())
    return repairing.correct(row, payload, actor="Rania", reason="Typing error")


@pytest.mark.parametrize("kind", FIXED)
def test_what_the_quote_was_made_of_is_not_corrected(desk, kind):
    if kind != "bind":
        desk.post()
    if kind == "reinstatement":
        desk.post("cancellation")
    body = transaction(kind)
    desk.ims.knobs.add("fault", "BindQuote", text=SET_UP)
    row = run(desk.take_in(body).transaction)
    assert (row.status, row.stage, row.quote_guid is None) == ("needs_attention", "bind", False)

    for field, value in FIXED[kind].items():
        with pytest.raises(errors.NotRepairable, match=field) as refused:
            correct(row, body, **{field: value})
        assert refused.value.param == field
    row.refresh_from_db()
    assert (row.status, row.version, row.payloads.count()) == ("needs_attention", 1, 1)

    row = run(correct(row, body, limit_prior="none", **FREE.get(kind, {})))
    assert (row.status, row.version, row.error) == ("completed", 2, "")


def test_nor_while_nobody_knows_whether_there_is_a_quote(desk, settings):
    """Else it would be looked for under another insured, and made a second time."""
    settings.IMS_REPEAT_AFTER = 0
    body = transaction()
    desk.ims.knobs.add("drop_after", "AddQuoteWithSubmission")
    desk.ims.knobs.add("fault", "GetInsuredPolicyInfo", text="Could not find stored procedure spX")
    row = run(desk.take_in(body).transaction)
    assert (row.status, row.stage, row.quote_guid) == ("needs_attention", "quote", None)

    with pytest.raises(errors.NotRepairable, match="insured_name"):
        correct(row, body, insured_name="Quite Another LLC")
    row = run(correct(row, body, gross_premium="4100.00"))
    assert (row.status, desk.ims.counts()["quote"]) == ("completed", 1)


def test_a_producer_that_is_corrected_is_the_one_that_is_sent(desk):
    body = transaction(underwriter_name="Nobody")
    row = run(desk.take_in(body).transaction)
    assert (row.reason_code, row.steps.get(step="producer").outcome) == (
        "underwriter_not_found",
        "ok",
    )
    desk.ims.add_producer("Sam Lane", "sam.lane@example.com")
    right = {"producer_email": "sam.lane@example.com", "underwriter_name": "Casey Morgan"}
    row = run(correct(row, body, **right))
    found = row.steps.filter(step="producer").order_by("-id").first()
    assert (row.status, found.result["email"]) == ("completed", "sam.lane@example.com")


def test_an_address_that_is_named_still_is_the_only_one_that_is_sent(desk, monkeypatch):
    sent, process = [], procedures.PROCEDURES["spprocesstritonpayload"]

    def listened(store, knobs, values):
        sent.append(json.loads(values["full_payload_json"])["producer_email"])
        return process(store, knobs, values)

    monkeypatch.setitem(procedures.PROCEDURES, "spprocesstritonpayload", listened)
    body = transaction(producer_email="lost@example.com; pat.reed@example.com", producer_name="")
    desk.ims.knobs.add("fault", "BindQuote", text=SET_UP)
    row = run(desk.take_in(body).transaction)
    row = run(correct(row, body, gross_premium="4100.00"))
    assert (row.status, row.version) == ("completed", 2)
    assert sent == ["pat.reed@example.com"] * 2


def test_a_corrected_number_leads_to_the_policy_of_that_number(desk):
    desk.source.sends_issue = True
    desk.source.save()
    policy = desk.post().policy
    for kind, changed in (("issue", "issued_at"), ("unbind", "bound_at")):
        before = getattr(policy, changed)
        body = transaction(kind, opportunity_id=None, policy_number="P-misspelt")
        row = run(desk.take_in(body).transaction)
        assert (row.reason_code, row.policy_id != policy.pk) == ("quote_not_found", True)

        row = run(correct(row, body, policy_number=policy.policy_number))

        policy.refresh_from_db()
        assert (row.status, row.policy_id) == ("completed", policy.pk)
        assert (before is None) != (getattr(policy, changed) is None)
    assert policy.invoices.get().status == "void"


def test_a_number_is_not_corrected_to_one_that_ims_cannot_find(desk):
    """Nor once there is a quote, which is of the policy that was named before."""
    other = desk.post(opportunity_id=7, policy_number="P-7").policy
    policy = desk.post().policy
    body = transaction("cancellation", opportunity_id=None, policy_number="P-7")
    desk.ims.knobs.add("fault", "Triton_ProcessFlatCancellation", text=SET_UP)
    row = run(desk.take_in(body).transaction)
    assert (row.policy, row.quote_guid) == (other, None)
    with pytest.raises(errors.PayloadInvalid):
        correct(row, body, policy_number="P-9")
    assert row.payloads.count() == 1

    desk.ims.knobs.add("fault", "BindQuote", text=SET_UP)
    row = run(correct(row, body, policy_number=policy.policy_number))
    assert (row.stage, row.policy, row.quote_guid is None) == ("bind", policy, False)
    with pytest.raises(errors.NotRepairable, match="policy_number"):
        correct(row, body, policy_number="P-7")
    assert run(repairing.retry(row, actor="Rania")).status == "completed"
    other.refresh_from_db()
    policy.refresh_from_db()
    assert (other.cancelled_at, policy.cancelled_at is None) == (None, False)
