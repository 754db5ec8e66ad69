"""Transactions of one policy wait for each other; those that a failure parked are released."""

from config.attention.models import Attention
from integrations.models import IMSPolicy, TritonTransaction
from integrations.services import repairing
from integrations.services.running import run, work_due
from tests.integrations.payloads import transaction
from tests.integrations.saga.recovery import states


def test_dependants_are_parked_and_released(desk):
    bind = desk.post(producer_email="nobody@example.com", producer_name="")
    issue = desk.post("issue", prior_transaction_id=bind.transaction_id)
    cancelled = desk.post("cancellation", prior_transaction_id=issue.transaction_id)

    assert (bind.status, bind.reason_code) == ("needs_attention", "producer_not_found")
    assert (issue.status, issue.blocked_by) == ("blocked", bind)
    assert (cancelled.status, cancelled.blocked_by) == ("blocked", issue)
    assert desk.asked().count("IssuePolicy") == 0

    desk.environment.producer_aliases.create(
        written="Nobody@Example.com", email="pat.reed@example.com"
    )
    repairing.retry(bind, actor="Rania")
    work_due()

    assert states() == [
        ("bind", "completed", ""),
        ("issue", "completed", ""),
        ("cancellation", "completed", ""),
    ]


def test_what_arrives_late_and_is_dated_before_goes_first(desk):
    payload = transaction()  # dated before the endorsement, and posted after it
    endorsement = desk.receive("endorsement").transaction
    bind = desk.take_in(payload).transaction

    assert run(endorsement).blocked_by == bind
    run(bind)
    work_due()

    assert states() == [("midterm_endorsement", "completed", ""), ("bind", "completed", "")]


def test_two_that_name_each_other_do_not_wait_for_ever(desk):
    first, second = transaction(), transaction("cancellation")
    first["prior_transaction_id"] = second["transaction_id"]
    second["prior_transaction_id"] = first["transaction_id"]

    for body in (first, second):
        desk.take_in(body)
    work_due()

    assert {row.status for row in TritonTransaction.objects.all()} == {"completed"}


def test_closing_the_first_lets_the_others_go_on(desk):
    bind = desk.post(producer_email="nobody@example.com", producer_name="")
    issue = desk.post("issue")
    assert issue.status == "blocked"

    closed = repairing.close(bind, actor="Rania", reason="Entered by hand")

    assert (closed.status, closed.closed_by, closed.closed_reason) == (
        "closed",
        "Rania",
        "Entered by hand",
    )
    issue = run(issue)
    assert (issue.status, issue.reason_code) == ("failed", "quote_not_found")


def test_an_issue_without_its_bind_says_so(desk):
    row = desk.post("issue", prior_transaction_id="never seen")

    assert (row.status, row.reason_code, row.error) == (
        "failed",
        "quote_not_found",
        "IMS has no quote for this policy.",
    )


def test_whoever_was_forgotten_is_released_by_the_worker(desk):
    bind = desk.post()
    other = desk.receive(opportunity_id=7, policy_number="P-7").transaction
    other.move("blocked", blocked_by=bind, next_run_at=None)

    assert work_due() == 1
    assert TritonTransaction.objects.get(pk=other.pk).status == "completed"


def test_what_came_before_its_bind_and_failed_goes_on_with_it(desk):
    """By the policy, and by the number alone; whatever the dates."""
    late = transaction("cancellation")
    by_number = desk.post("issue")
    issue = desk.post("issue", opportunity_id=160042, policy_number="")
    body = transaction()
    desk.take_in(late)
    for row in (by_number, issue):
        assert (row.status, row.reason_code) == ("failed", "quote_not_found")
    assert by_number.policy_id != issue.policy_id
    work_due()

    bind = run(desk.take_in(body).transaction)
    assert (bind.status, bind.reason_code) == ("completed", "")
    work_due()

    assert states() == [
        ("issue", "completed", ""),
        ("issue", "completed", ""),
        ("cancellation", "completed", ""),
        ("bind", "completed", ""),
    ]
    assert {row.policy_id for row in TritonTransaction.objects.all()} == {bind.policy_id}
    assert Attention.objects.open().count() == 0


def test_what_was_meant_for_a_bind_that_is_gone_leaves_the_next_one_alone(desk):
    """But what is dated after the next bind, or names it, is meant for it."""
    desk.post()
    desk.post("unbind")
    naming, old, again, late = map(transaction, ("issue", "cancellation", "bind", "endorsement"))
    naming["prior_transaction_id"] = again["transaction_id"]
    early = [run(desk.take_in(body).transaction) for body in (late, old, naming)]
    codes = ["not_bound_or_cancelled", "not_bound", "unbound_policy"]
    assert [(row.status, row.reason_code) for row in early] == [("failed", code) for code in codes]

    assert run(desk.take_in(again).transaction).status == "completed"
    work_due()

    assert [status for _, status, _ in states()[2:5]] == ["blocked", "failed", "completed"]
    policy = IMSPolicy.objects.get()
    assert (policy.cancelled_at, policy.bound_at is None) == (None, False)
    repairing.close(early[1], actor="Rania", reason="It was for the first bind")
    work_due()
    assert states()[2] == ("midterm_endorsement", "completed", "")


def test_an_unbind_that_came_before_its_bind_does_not_undo_it(desk):
    early = desk.post("unbind")
    assert (early.status, early.reason_code) == ("failed", "quote_not_found")

    bind = desk.post()
    work_due()

    assert (bind.status, states()[0]) == ("completed", ("unbind", "failed", "quote_not_found"))
    assert IMSPolicy.objects.get().bound_at is not None
    assert desk.asked().count("Triton_UnbindPolicy") == 0


def test_a_bind_waits_for_nobody_that_needs_it(desk):
    """Nor do those go before it that wait still, be they dated before."""
    for kind in ("issue", "endorsement"):
        desk.receive(kind, opportunity_id=160042)
    bind = desk.receive(producer_email="nobody@example.com", producer_name="").transaction
    work_due()
    assert states() == [
        ("issue", "blocked", ""),
        ("midterm_endorsement", "blocked", ""),
        ("bind", "needs_attention", "producer_not_found"),
    ]
    desk.environment.producer_aliases.create(
        written="nobody@example.com", email="pat.reed@example.com"
    )
    run(repairing.retry(bind, actor="Rania"))
    work_due()
    assert {status for _, status, _ in states()} == {"completed"}


def test_a_bind_waits_for_an_unbind_until_that_is_stuck(desk):
    desk.post()
    desk.ims.knobs.add("fault", "Triton_UnbindPolicy", text="Invalid OptionID")
    unbind = desk.receive("unbind").transaction
    body = transaction()
    IMSPolicy.objects.update(bound_at=None)  # so that the door lets a second bind in
    TritonTransaction.objects.filter(kind="bind").update(duplicate_key="")
    bind = desk.take_in(body).transaction
    assert (bind.status, bind.blocked_by) == ("blocked", unbind)
    assert run(unbind).reason_code == "invalid_option"

    bind.refresh_from_db()
    assert bind.status == "received"
    assert run(bind).reason_code == "policy_already_bound"
