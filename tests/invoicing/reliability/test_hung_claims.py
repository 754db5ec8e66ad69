"""A claim whose process hangs or dies: what it may still do, and what it may not."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from config.attention.models import Attention
from config.transport import Event, Reached
from invoicing import errors
from invoicing.gateways import Gateway
from invoicing.models import Chain, Invoice
from invoicing.services import sealing, sending, settling, submission, verdicts
from invoicing.services.sending import WORKER
from invoicing.zatca.client import Answer, Call
from invoicing.zatca.outcomes import judge_answer
from tests.invoicing.payloads import LINE, standard
from tests.invoicing.reliability.conftest import let_time_pass
from tests.invoicing.reliability.deaths import Died, die_at
from tests.invoicing.traces import URL, log_words

EARLY = {"Prefer": "respond-async"}
CHEAPER = {"line_items": [{**LINE, "unit_price": "90.00"}]}


@pytest.fixture
def unsealed(api, unit, zatca, monkeypatch) -> Invoice:
    """Accepted, and its process died before it could seal."""
    with monkeypatch.context() as patched:
        die_at(patched, submission, "accepted")
        with pytest.raises(Died):
            api.post(URL, standard())
    return Invoice.objects.get()


@pytest.fixture
def sealed(api, unit, zatca) -> Invoice:
    """Sealed, and waiting for a worker."""
    api.post(URL, standard(), headers=EARLY)
    return Invoice.objects.get()


def run_out() -> None:
    """Every lease is over, and a worker has noticed."""
    let_time_pass(minutes=10)
    assert sending.free_expired_leases() == 1


def test_an_unsealed_claim_seals_nothing_after_a_revision(api, unsealed, zatca):
    hung = sending.claim(unsealed, WORKER)
    run_out()
    answer = api.post(URL, standard(**CHEAPER)).json()
    assert (answer["status"], answer["revision"]) == ("CLEARED", 2)

    with pytest.raises(errors.ChangedMeanwhile):
        sending.prepare(hung)

    [held] = zatca.control.documents("INV-1")
    assert (held["uuid"], held["icv"]) == (answer["uuid"], 1)
    assert Chain.objects.get().last_icv == 1
    assert unsealed.revisions.get(number=1).is_sealed is False


def test_an_unsealed_claim_seals_nothing_after_another_claim(unsealed, zatca):
    hung = sending.claim(unsealed, WORKER)
    run_out()
    sending.send_due()
    assert Invoice.objects.get().status == "CLEARED"

    # Sealed by the other attempt meanwhile: the same bytes, in the same place of the chain.
    ready = sending.prepare(hung)

    assert ready.parcel.uuid == Invoice.objects.get().uuid
    assert Chain.objects.get().last_icv == 1


@pytest.mark.parametrize(("row", "reached"), [("unsealed", "NO"), ("sealed", "MAYBE")])
def test_only_what_was_sealed_may_have_reached_the_authority(request, row, reached):
    sending.claim(request.getfixturevalue(row), WORKER)

    run_out()

    attempt = Invoice.objects.get().attempts.get()
    assert (attempt.reached, attempt.ended_at) == (reached, None)
    assert attempt.abandoned_at is not None


def test_what_keeps_ending_its_process_waits_longer_each_time(sealed):
    pauses = []
    for _ in range(3):
        sending.claim(Invoice.objects.get(), WORKER)
        run_out()
        pauses.append((Invoice.objects.get().next_attempt_at - timezone.now()).total_seconds())

    # At once, then 60 and 120 s, 20 % up or down, less the moment since.
    assert -2 < pauses[0] <= 0
    assert 46 < pauses[1] < 72
    assert 94 < pauses[2] < 144


def test_a_person_is_asked_from_the_third_time(sealed):
    asked = []
    for _ in range(4):
        sending.claim(Invoice.objects.get(), WORKER)
        run_out()
        asked.append(sum(Attention.objects.values_list("count", flat=True)))

    assert asked == [0, 0, 1, 2]
    found = Attention.objects.get()
    assert (found.kind, found.subject) == ("interrupted", sealed.subject)


def test_a_late_303_keeps_its_answer_and_revives_nothing(sealed, zatca, monkeypatch):
    zatca.control.switch(clearance=False)
    ask = Gateway.send

    def ask_and_hang(self, *parcel):
        answer = ask(self, *parcel)
        run_out()
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Gateway, "send", ask_and_hang)
        late = sending.deliver(sealed, WORKER)

    attempt = sealed.attempts.get()
    assert (late.status, late.attempt_no, late.lease_until) == ("FAILED", 1, None)
    assert (attempt.http_status, attempt.reached) == (303, "NO")
    assert (attempt.revision.channel, len(zatca.control.deliveries("INV-1"))) == ("CLEARANCE", 1)

    sending.send_due()

    assert Invoice.objects.get().zatca_status == "REPORTED"
    assert [d["answered"] for d in zatca.control.deliveries("INV-1")] == [303, 303, 200]


def answered(status: int, body: bytes) -> verdicts.Verdict:
    answer = Answer(Call.CLEARANCE, status, body, {}, Event.NONE, Reached.YES, 1.0)
    return verdicts.answered(answer, judge_answer(answer))


def test_a_late_yes_to_a_rejected_document_is_told_to_a_person(sealed):
    """The authority contradicts itself about the same bytes, which only it can do."""
    first = sending.prepare(sending.claim(sealed, WORKER))
    run_out()
    no = b'{"clearanceStatus": "NOT_CLEARED", "validationResults": {"errorMessages": [{}]}}'
    settling.settle(sending.claim(Invoice.objects.get(), WORKER), answered(400, no))
    xml = b64encode(first.parcel.xml)

    yes = b'{"clearanceStatus": "CLEARED", "clearedInvoice": "' + xml + b'"}'
    settling.settle(first.attempt, answered(200, yes))

    found = Attention.objects.get()
    assert (found.kind, found.subject) == ("superseded_document_accepted", sealed.subject)
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.current.outcome) == ("REJECTED", "REJECTED")
    assert [status for status, _, _ in log_words(sealed.pk)] == ["ERROR", "SUBMITTED", "REJECTED"]
    assert [a.http_status for a in sealed.attempts.order_by("number")] == [200, 400]


def test_a_lease_that_still_holds_is_left_alone(sealed):
    sending.claim(sealed, WORKER)
    assert timezone.now() + timedelta(seconds=80) < Invoice.objects.get().lease_until

    assert sending.free_expired_leases() == 0

    assert Invoice.objects.get().status == "PROCESSING"


def test_a_busy_database_met_by_a_worker_is_no_bug(unsealed, zatca, monkeypatch):
    def locked(*_args):
        raise OperationalError("database is locked")

    let_time_pass(minutes=2)
    with monkeypatch.context() as busy:
        busy.setattr(sealing, "take_next", locked)
        sending.send_due()
    let_time_pass(minutes=2)
    sending.free_expired_leases()
    assert unsealed.attempts.get().reached == "NO"

    sending.send_due()

    assert Invoice.objects.get().status == "CLEARED"
    assert not Attention.objects.exists()
    assert Chain.objects.get().last_icv == 1
