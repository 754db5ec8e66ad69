"""A quote that IMS has bound takes no payload any more: what became of the bind is asked first."""

from uuid import UUID

import pytest

from integrations import errors, failpoints
from integrations.gateways import gateway_for
from integrations.sandbox import books
from integrations.services import repairing
from integrations.services.running import run
from tests.integrations.saga.recovery import Killed, let_time_pass, outcomes, work_until_ended

NO_LINE = "producer_line_setup"


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.IMS_REPEAT_AFTER = 0
    settings.IMS_FIRST_RETRY = 0
    settings.IMS_BREAKER_FAILURES = 100


def bound_by_hand(desk, row) -> str:
    """Somebody binds the quote in IMS."""
    quote = desk.ims.store.get("quote", str(row.quote_guid))
    quote |= {"premium": "1", "policy": row.policy_number}
    with desk.ims.store.transaction():
        return books.bind(desk.ims.store, quote, desk.ims.knobs.backdate_days)


def stuck(desk, name: str):
    desk.ims.knobs.add("fault", name, text="No producer line setup")
    row = desk.post()
    assert (row.status, row.reason_code, row.bound_at) == ("needs_attention", NO_LINE, None)
    return row


def test_a_bind_in_doubt_is_looked_up_before_the_payload_is_sent_again(desk):
    desk.ims.knobs.add("drop_after", "BindQuote")
    desk.ims.knobs.add("html_503", "spCheckQuoteBoundStatus", calls=2)
    row = desk.post()
    assert (row.status, row.stage, outcomes(row, "bind")) == (
        "received",
        "bind",
        ["unknown", "not_sent"],
    )

    work_until_ended()

    row.refresh_from_db()
    assert (row.status, row.ims_status, row.reason_code) == ("completed", "issued", "")
    assert desk.asked().count("spProcessTritonPayload") == desk.asked().count("BindQuote") == 1
    assert desk.ims.counts()["invoice"] == 1


def test_a_death_after_the_bind_leaves_the_policy_bound_once(desk):
    row = desk.receive().transaction

    def die(point: str, step: str) -> None:
        if (point, step) == ("answered", "bind"):
            failpoints.listen(None)
            raise Killed

    failpoints.listen(die)
    try:
        with pytest.raises(Killed):
            run(row)
    finally:
        failpoints.listen(None)
    let_time_pass()
    work_until_ended()

    row.refresh_from_db()
    assert (row.status, row.ims_status) == ("completed", "issued")
    assert desk.asked().count("spProcessTritonPayload") == desk.asked().count("BindQuote") == 1


def test_a_step_passed_over_before_the_bind_does_not_hide_that_it_is_bound(desk):
    desk.ims.knobs.add("fault", "GetSubmissionGroupGuidFromQuoteGuid", text="The moon is full.")
    desk.ims.knobs.add("drop_after", "BindQuote")
    desk.ims.knobs.add("html_503", "spCheckQuoteBoundStatus", calls=2)
    desk.source.sends_issue = True
    desk.source.save()
    row = desk.post()

    work_until_ended()

    row.refresh_from_db()
    assert (row.status, row.ims_status) == ("completed", "bound")


def test_what_a_person_bound_in_ims_is_found_when_the_payload_is_refused(desk):
    row = stuck(desk, "BindQuote")
    number = bound_by_hand(desk, row)

    row = run(repairing.retry(row, actor="Rania"))

    assert (row.status, row.bound_policy_number, row.policy.policy_number) == (
        "completed",
        number,
        number,
    )
    assert (row.warnings, desk.asked().count("BindQuote")) == ([], 1)
    assert row.invoice.status == "found"


def test_an_adopted_quote_that_is_bound_is_changed_no_more(desk):
    row = stuck(desk, "spProcessTritonPayload")
    bound_by_hand(desk, row)
    before = len(desk.asked())

    row = run(
        repairing.adopt(row, UUID(str(row.quote_guid)), actor="Rania", reason="Bound by hand")
    )

    assert (row.status, row.ims_status) == ("completed", "issued")
    asked = desk.asked()[before:]
    changing = {"AutoAddQuoteOptions", "spProcessTritonPayload", "BindQuote"}
    assert not changing & set(asked)
    assert [warning["code"] for warning in row.warnings] == ["bound_in_ims"]


def test_the_stand_in_refuses_a_payload_for_a_bound_quote_as_ims_does(desk):
    row = desk.post()
    gateway = gateway_for(desk.environment)

    answer = gateway.procedures.process_payload(
        quote=row.quote_guid, option=row.option_guid, payload='{"transaction_type": "bind"}'
    )

    assert (answer.accepted, answer.fault.code) == (False, "premium_on_bound")


def test_no_other_quote_is_adopted_while_its_own_may_be_bound(desk):
    desk.ims.knobs.add("drop_after", "BindQuote")
    row = stuck(desk, "spCheckQuoteBoundStatus")
    asked = len(desk.asked())

    with pytest.raises(errors.NotRepairable) as refused:
        repairing.adopt(row, UUID(int=9), actor="Rania", reason="Seen in IMS")

    row.refresh_from_db()
    assert refused.value.param == "quote_guid"
    assert (row.status, len(desk.asked())) == ("needs_attention", asked)
    row = run(repairing.retry(row, actor="Rania"))
    assert (row.status, desk.asked().count("BindQuote")) == ("completed", 1)
