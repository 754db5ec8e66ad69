"""The exits of a stuck transaction, and its group."""

from uuid import UUID

import pytest

from config.attention.models import Attention
from integrations import errors
from integrations.models import STUCK, TritonTransaction
from integrations.sandbox import procedures
from integrations.services import groups, repairing
from integrations.services.running import run, work_due
from tests.integrations.payloads import transaction


def test_a_group_is_mended_once_and_replayed_with_one_click(desk):
    for number in range(3):
        who = "lost@example.com" if number < 2 else "other@example.com"
        desk.post(
            opportunity_id=number,
            policy_number=f"P-{number}",
            producer_email=who,
            producer_name="",
        )
    first, second = groups.error_groups(desk.tenant)
    assert (first.count, first.code, first.stage) == (2, "producer_not_found", "producer")
    assert first.text == "IMS knows no producer contact lost@example.com"
    assert (second.count, Attention.objects.open().count()) == (1, 2)

    desk.environment.producer_aliases.create(
        written="lost@example.com", email="pat.reed@example.com"
    )
    members = TritonTransaction.objects.filter(group_key=first.key)
    assert groups.replay(members, actor="Rania", dry_run=True).due == 2
    assert groups.replay(members, actor="Rania") == groups.Replayed(2, ())
    assert work_due() == 2

    assert [group.key for group in groups.error_groups(desk.tenant)] == [second.key]
    assert Attention.objects.open().count() == 1
    everything = TritonTransaction.objects.order_by("id")
    assert groups.replay(everything, actor="Rania").refused == tuple(
        row.transaction_id for row in everything[:2]
    )


def test_a_group_is_as_old_as_its_first_failure(desk):
    row = desk.post(producer_email="lost@example.com", producer_name="")
    first = row.steps.get(step="producer").finished_at
    for _ in range(2):
        row = run(repairing.retry(row, actor="Rania"))
    later = desk.post(
        opportunity_id=7, policy_number="P-7", producer_email="lost@example.com", producer_name=""
    )
    (group,) = groups.error_groups(desk.tenant)
    assert (group.count, group.first_at, group.last_at) == (2, first, later.updated_at)


def test_a_payload_is_corrected_as_a_new_version(desk):
    body = transaction(underwriter_name="Nobody")
    row = run(desk.take_in(body).transaction)
    assert row.reason_code == "underwriter_not_found"
    with pytest.raises(errors.PayloadInvalid):
        repairing.correct(row, body | {"gross_premium": ""}, actor="Rania", reason="Typing error")
    with pytest.raises(errors.NotRepairable, match="keeps the transaction's id"):
        repairing.correct(row, transaction(), actor="Rania", reason="Typing error")
    right = body | {"underwriter_name": "Casey Morgan", "commission_rate": 20}
    right["commission_percent"] = 30
    right["policy_fee"] = 250
    row = repairing.correct(row, right, actor="Rania", reason="Typing error")

    assert [(v.number, v.actor, v.reason) for v in row.payloads.order_by("number")] == [
        (1, "triton", ""),
        (2, "Rania", "Typing error"),
    ]
    row = run(row)
    assert (row.status, row.version) == ("completed", 2)
    with pytest.raises(errors.NotRepairable):
        repairing.correct(row, right, actor="Rania", reason="Too late")


def test_it_resumes_from_a_step_that_may_be_repeated(desk):
    desk.ims.knobs.add("fault", "BindQuote", text="No producer line setup could be found")
    row = desk.post()
    assert (row.status, row.stage) == ("needs_attention", "bind")
    for step, refusal in (
        ("quote", errors.StepNotRepeatable),
        ("producer", errors.StepNotRepeatable),
        ("issue", errors.NotRepairable),
        ("no such", errors.NotRepairable),
    ):
        with pytest.raises(refusal):
            repairing.resume_from(row, step, actor="Rania", reason="Fees were set up")
    with pytest.raises(errors.ReasonMissing):
        repairing.resume_from(row, "payload", actor="Rania", reason="")
    row = repairing.resume_from(row, "payload", actor="Rania", reason="Fees were set up")
    before = len(desk.asked())

    row = run(row)

    assert (row.status, row.redo_from) == ("completed", "")
    assert desk.asked()[before:] == [
        "spProcessTritonPayload",
        "BindQuote",
        "ryan_rptInvoice",
        "IssuePolicy",
    ]


def test_premiums_that_differ_are_not_bound_until_a_person_says_so(desk, monkeypatch):
    desk.post()
    # IMS reckons from another premium than has been billed.
    monkeypatch.setitem(
        procedures.PROCEDURES,
        "spgetpolicypremiumtotal",
        lambda store, knobs, values: [("Table", {"TotalPremium": "4000.0000"})],
    )
    row = desk.post("endorsement")
    assert (row.status, row.reason_code, row.bound_at) == (
        "needs_attention",
        "premium_differs",
        None,
    )
    assert "5000.00, where 4000.00 has been billed" in row.error
    row = repairing.resume_from(row, "options", actor="Rania", reason="Checked by hand")
    row = run(row)
    assert (row.status, row.ims_status) == ("completed", "endorsed")


def test_what_runs_or_is_finished_is_left_alone(desk):
    row = desk.post()
    for exit_ in (repairing.close, repairing.create_new):
        with pytest.raises(errors.NotRepairable):
            exit_(row, actor="Rania", reason="Why not")
    with pytest.raises(errors.NotRepairable):
        repairing.adopt(row, UUID(int=1), actor="Rania", reason="Why not")
    with pytest.raises(errors.NotRepairable):
        repairing.retry(row, actor="Rania")
    assert not row.logs.filter(actor="Rania").exists()


def test_a_quote_of_another_policy_is_not_adopted(desk):
    other = desk.post(opportunity_id=7, policy_number="P-7")
    row = desk.post(underwriter_name="Nobody")
    with pytest.raises(errors.NotRepairable, match="another policy"):
        repairing.adopt(row, other.quote_guid, actor="Rania", reason="Seen in IMS")
    assert row.status in STUCK
