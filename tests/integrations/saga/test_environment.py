"""An environment that does not answer, refuses the login, or is held back by a person."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.utils import timezone

from config.attention.models import Attention
from integrations import chores, selectors
from integrations.errors import (
    EnvironmentHeld,
    InvoiceGeneration,
    InvoiceRetrieval,
    QuoteNotAsked,
    ReasonMissing,
)
from integrations.models import BY_CREDENTIALS, IMSEnvironment, TritonTransaction
from integrations.services import environments, fitting, invoices, repairing
from integrations.services.claiming import Claim, claim
from integrations.services.running import run, work_due
from tests.integrations.saga.recovery import Killed, killed_once_at_each, let_time_pass


def open_tasks() -> list[str]:
    return list(Attention.objects.open().values_list("kind", flat=True))


def test_five_broken_lines_open_the_breaker_and_a_login_closes_it(desk, settings):
    settings.IMS_FIRST_RETRY = 0
    desk.ims.knobs.add("html_503", calls=0)
    row = desk.receive().transaction
    for _ in range(4):
        row = run(row)
    assert (row.status, row.reason_code) == ("received", "ims_unavailable")
    row = run(row)

    environment = IMSEnvironment.objects.get()
    assert (environment.failures, environment.last_error) == (5, "ims_unavailable")
    assert environment.opened_at is not None
    assert "ims_not_answering" in open_tasks()
    calls = len(desk.ims.calls())
    assert run(row).run_no == row.run_no  # nobody knocks
    assert work_due() == 0
    assert len(desk.ims.calls()) == calls

    let_time_pass()
    assert work_due() == 0  # the probe meets nobody either
    assert len(desk.ims.calls()) == calls + 1
    desk.ims.knobs.clear()
    let_time_pass()
    assert work_due() == 1
    assert TritonTransaction.objects.get().status == "completed"
    assert IMSEnvironment.objects.get().opened_at is None
    assert open_tasks() == []


def test_a_refusal_is_an_answer_and_opens_nothing(desk):
    for number in range(6):
        row = desk.post(
            opportunity_id=number, policy_number=f"P-{number}", underwriter_name="Nobody"
        )
        assert (row.status, row.reason_code) == ("needs_attention", "underwriter_not_found")
    assert IMSEnvironment.objects.get().failures == 0


def test_a_login_that_is_refused_holds_the_environment(desk):
    desk.environment.seal_password("d3Jvbmc=")
    desk.environment.save()

    first = desk.post()
    second = desk.post(opportunity_id=7, policy_number="P-7")

    environment = IMSEnvironment.objects.get()
    assert environment.paused_by == BY_CREDENTIALS
    assert (first.status, first.reason_code) == ("received", "ims_login_refused")
    assert (second.status, second.run_no) == ("received", 0)
    assert len(desk.ims.calls()) == 1  # asked once: more would lock the user out
    assert open_tasks() == ["ims_login_refused"]

    environment.seal_password(desk.ims.password)
    environment.save()
    environments.resume(environment, actor="Rania")
    let_time_pass()
    work_due()
    assert {row.status for row in TritonTransaction.objects.all()} == {"completed"}
    assert open_tasks() == []


Asker = tuple[Callable[[], object], tuple[type[Exception], ...]]


@pytest.fixture
def askers(desk) -> list[Asker]:
    """Whoever calls IMS outside of a run, and what is said where it cannot be called."""
    row = desk.post()
    desk.ims.knobs.turn({"invoice_after": 1000})
    for number in (7, 8):  # one look that is refused is no reason for another
        late = desk.post(opportunity_id=number, policy_number=f"P-{number}")

    def look() -> None:
        let_time_pass(days=1)
        invoices.look_for_due()

    def refresh() -> None:
        invoices.find_invoice(desk.tenant, invoice_num=286201, refresh=True)

    return [
        (look, ()),
        (refresh, (InvoiceRetrieval,)),
        (lambda: invoices.retrieve(late.policy), (InvoiceRetrieval,)),
        (lambda: invoices.live_invoice(row.invoice), (InvoiceRetrieval,)),
        (lambda: invoices.print_invoice(row.invoice), (InvoiceRetrieval, InvoiceGeneration)),
        (lambda: fitting.require_fit(row, row.quote_guid), (QuoteNotAsked,)),
    ]


def ask(asker: Callable[[], object], refusals: tuple[type[Exception], ...]) -> None:
    with pytest.raises(refusals) if refusals else nullcontext():
        asker()


def test_whoever_meets_a_refused_login_holds_the_environment(desk, askers):
    for first in range(len(askers)):
        environment = IMSEnvironment.objects.get()
        if environment.paused_at is not None:
            environments.resume(environment, actor="Rania")
        environment.seal_password(f"d3Jvbmc{first}")  # a new password is tried once
        environment.save()
        calls = len(desk.ims.calls())
        for place in (first, *range(len(askers))):
            ask(*askers[place])
        assert len(desk.ims.calls()) == calls + 1, askers[first]
        assert IMSEnvironment.objects.get().paused_by == BY_CREDENTIALS
        assert open_tasks() == ["ims_login_refused"]


def held_by_a_person() -> None:
    environments.pause(IMSEnvironment.objects.get(), actor="Rania", reason="IMS is upgraded")


def not_active() -> None:
    IMSEnvironment.objects.update(is_active=False)


def breaker_open() -> None:
    now = timezone.now()
    IMSEnvironment.objects.update(opened_at=now, open_until=now + timedelta(days=2))


@pytest.mark.parametrize("happens", [held_by_a_person, not_active, breaker_open])
def test_nobody_calls_what_is_held_back(desk, askers, happens):
    happens()
    calls = len(desk.ims.calls())
    for asker in askers:
        ask(*asker)
    assert len(desk.ims.calls()) == calls


def test_a_paused_environment_is_not_called(desk):
    with pytest.raises(ReasonMissing):
        environments.pause(desk.environment, actor="Rania", reason="")
    environments.pause(desk.environment, actor="Rania", reason="IMS is upgraded")
    with pytest.raises(EnvironmentHeld):
        environments.pause(desk.environment, actor="Rania", reason="again")

    row = desk.post()
    assert (row.status, work_due(), desk.ims.calls()) == ("received", 0, [])

    environments.resume(desk.environment, actor="Rania")
    with pytest.raises(EnvironmentHeld):
        environments.resume(desk.environment, actor="Rania")
    assert work_due() == 1
    assert run(row).status == "completed"


@pytest.mark.parametrize("held", ["paused", "not active"])
def test_a_run_that_died_waits_like_the_others_where_it_is_held_back(desk, held):
    row = desk.receive().transaction
    with killed_once_at_each("answered") as met:
        while "insured" not in met:
            let_time_pass()
            with pytest.raises(Killed):
                run(row)
    environments.pause(desk.environment, actor="Rania", reason="IMS is upgraded")
    if held == "not active":
        environments.resume(desk.environment, actor="Rania")
        not_active()
    work_due()
    row = TritonTransaction.objects.get()
    assert (row.status, selectors.held_back(row)) == ("processing", None)  # it may live yet
    let_time_pass()
    row = TritonTransaction.objects.get()
    code, sentence = selectors.held_back(row)
    assert (code, held in sentence) == ("ims_paused", True)

    assert work_due() == 0
    row = TritonTransaction.objects.get()
    assert (row.status, row.lease_until, repairing.exits(row)) == ("received", None, ("close",))
    assert selectors.held_back(row) == (code, sentence)
    left = row.steps.order_by("id").last()
    assert (left.step, left.outcome, left.code) == ("insured", "unknown", "interrupted")
    assert row.logs.last().event == "given_back"

    IMSEnvironment.objects.update(paused_at=None, paused_by="", is_active=True)
    assert work_due() == 1
    assert TritonTransaction.objects.get().status == "completed"
    assert desk.ims.counts()["insured"] == 1


def test_an_environment_takes_no_more_than_it_can(desk):
    desk.environment.capacity = 1
    desk.environment.save()
    first, second = (
        desk.receive(opportunity_id=number, policy_number=f"P-{number}").transaction
        for number in (1, 2)
    )
    # Another process has the first.
    assert claim(first.pk, desk.environment.pk) is Claim.TAKEN
    assert claim(first.pk, desk.environment.pk) is Claim.BUSY
    assert claim(second.pk, desk.environment.pk) is Claim.FULL
    assert work_due() == 0

    let_time_pass()  # its lease ends
    assert claim(second.pk, desk.environment.pk) is Claim.TAKEN
    assert claim(first.pk, desk.environment.pk) is Claim.FULL


def test_a_caller_is_answered_in_time_and_the_worker_goes_on(desk):
    row = run(desk.receive().transaction, seconds=9.9)  # a bind needs more room than that

    assert (row.status, row.quote_guid is not None, row.bound_at) == ("received", True, None)
    assert desk.asked().count("BindQuote") == 0
    assert work_due() == 1
    assert TritonTransaction.objects.get().status == "completed"


def test_a_token_that_ran_out_is_fetched_anew(desk):
    desk.ims.knobs.add("expire_token", "BindQuote")

    row = desk.post()

    assert row.status == "completed"
    assert [call["operation"] for call in desk.ims.calls()].count("LoginIMSUser") == 2
    assert desk.ims.counts()["invoice"] == 1


def test_looking_keeps_no_brief_chore_waiting():
    assert {chore.name for chore in chores.CHORES if chore.apart} == {
        "run_transactions",
        "look_for_ims_invoices",
    }
