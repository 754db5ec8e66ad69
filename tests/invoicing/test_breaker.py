"""The circuit breaker: while nobody answers, documents wait sealed, and one at a time asks."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config.attention.models import Attention
from invoicing.models import Attempt, Breaker, Invoice, InvoiceLog
from invoicing.services import breakers, sending
from tests.invoicing.conftest import make_unit
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.reliability.conftest import let_time_pass
from tests.invoicing.traces import URL, log_words

EARLY = {"Prefer": "respond-async"}


@pytest.fixture
def away(api, unit, zatca, settings):
    """As many documents as it takes met nobody; nor will others, until it is `back`."""
    settings.ZATCA_BREAKER_FAILURES = 2
    zatca.control.rates(error_503_before=1.0)
    for number in (1, 2):
        assert api.post(URL, simplified(f"S-{number}")).status_code == 500
    return zatca


def back(zatca) -> None:
    zatca.control.rates()


def is_open() -> bool:
    return Breaker.objects.filter(opened_at__isnull=False).exists()


def pause_left() -> float:
    return (Breaker.objects.get().open_until - timezone.now()).total_seconds()


def pause_over() -> None:
    Breaker.objects.update(open_until=timezone.now())


def test_the_fifth_failure_in_a_row_opens_it_for_two_minutes_with_one_alarm(api, unit, zatca):
    zatca.control.rates(error_503_before=1.0)
    for number in range(1, 5):
        api.post(URL, simplified(f"S-{number}"))
    assert not is_open()

    api.post(URL, simplified("S-5"))

    assert is_open()
    assert 110 < pause_left() <= 120
    alarm = Attention.objects.get()
    assert (alarm.kind, alarm.subject, alarm.count) == (
        "zatca_not_answering",
        "authority:SANDBOX",
        1,
    )


def test_an_answer_between_begins_the_count_anew(api, unit, zatca, settings):
    settings.ZATCA_BREAKER_FAILURES = 2
    for number in ("S-1", "S-3"):
        zatca.control.script(number, delivery=1, fault="error_503_before")
    for number in range(1, 4):
        api.post(URL, simplified(f"S-{number}"))

    assert (is_open(), Breaker.objects.get().failures) == (False, 1)


def test_a_post_is_sealed_and_waits_without_a_claim(api, away):
    response = api.post(URL, simplified("S-6"))

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (500, "zatca_unavailable")
    assert error["message"] == (
        "ZATCA is not answering at present; the document is sealed and will be sent when it does."
    )
    told = error["invoice"]
    assert (told["status"], bool(told["qr"])) == ("CREATED", True)
    assert told["next_retry_at"] == f"{Breaker.objects.get().open_until:%Y-%m-%dT%H:%M:%SZ}"
    invoice = Invoice.objects.get(invoice_number="S-6")
    assert invoice.current.is_sealed
    assert not Attempt.objects.filter(invoice=invoice).exists()
    assert log_words(invoice.pk) == []


def test_nothing_is_claimed_while_it_is_open(api, away):
    api.post(URL, simplified("S-6"))
    Invoice.objects.update(next_attempt_at=timezone.now())
    before = InvoiceLog.objects.count(), Attempt.objects.count()

    assert sending.send_due() == 0

    assert (InvoiceLog.objects.count(), Attempt.objects.count()) == before


def test_a_probe_without_an_answer_doubles_the_pause_up_to_sixteen_minutes(away):
    pauses = []
    for _ in range(5):
        Invoice.objects.update(next_attempt_at=timezone.now())
        pause_over()
        assert sending.send_due() == 1
        pauses.append(round(pause_left(), -1))

    assert pauses == [240, 480, 960, 960, 960]
    assert Attention.objects.get(kind="zatca_not_answering").count == 1


def test_a_probe_with_an_answer_closes_it_and_everything_goes(api, away):
    api.post(URL, simplified("S-6"))
    back(away)
    let_time_pass(minutes=3)

    sending.send_due()

    assert set(Invoice.objects.values_list("status", flat=True)) == {"CLEARED"}
    assert (is_open(), Breaker.objects.get().failures) == (False, 0)
    closed = Attention.objects.get(kind="zatca_not_answering")
    assert closed.resolved_by == "settled"


def test_a_refusal_is_an_answer(api, away):
    back(away)
    away.control.script("S-1", delivery=2, fault="too_many")
    pause_over()

    pk = Invoice.objects.get(invoice_number="S-1").pk
    assert api.post(f"{URL}/{pk}/retry").json()["error"]["code"] == "zatca_throttled"

    assert not is_open()


def test_a_retry_by_hand_goes_out_and_closes_it(api, away):
    back(away)
    assert pause_left() > 110

    pk = Invoice.objects.get(invoice_number="S-1").pk
    assert api.post(f"{URL}/{pk}/retry").status_code == 200

    assert not is_open()


def test_a_retry_by_hand_that_meets_nobody_changes_nothing(api, away):
    before = Breaker.objects.values().get()

    pk = Invoice.objects.get(invoice_number="S-1").pk
    assert api.post(f"{URL}/{pk}/retry").status_code == 500

    assert Breaker.objects.values().get() == before


def test_a_post_may_be_the_probe_and_the_next_waits_for_it(api, away):
    pause_over()
    assert breakers.admits("SANDBOX")

    assert not breakers.admits("SANDBOX")
    answer = api.post(URL, standard("INV-1")).json()
    assert answer["error"]["invoice"]["status"] == "CREATED"
    # Its process died: another may after its time.
    Breaker.objects.update(probe_until=timezone.now() - timedelta(seconds=1))
    assert breakers.admits("SANDBOX")


def test_one_document_that_fails_for_ever_opens_nothing(api, unit, zatca):
    for delivery in range(1, 8):
        zatca.control.script("S-1", delivery=delivery, fault="error_500_before")
    api.post(URL, simplified("S-1"))
    for _ in range(6):
        Invoice.objects.update(next_attempt_at=timezone.now())
        sending.send_due()

    assert len(zatca.control.deliveries("S-1")) == 7
    assert (is_open(), Breaker.objects.get().failures) == (False, 1)


def test_another_authority_has_a_breaker_of_its_own(away, settings):
    settings.ZATCA_URLS = {**settings.ZATCA_URLS, "SIMULATION": "http://127.0.0.1:9/simulation"}

    assert (breakers.admits("SANDBOX"), breakers.admits("SIMULATION")) == (False, True)


def test_every_tenant_that_sends_there_is_told(unit, foreign_unit, away):
    alarms = Attention.objects.filter(kind="zatca_not_answering")
    assert {alarm.tenant_id for alarm in alarms} == {unit.tenant_id, foreign_unit.tenant_id}


def test_of_many_that_would_probe_one_may(committed, najd, csid, zatca):
    make_unit(najd, csid)
    now = timezone.now()
    address = zatca.base_url("SANDBOX")
    Breaker.objects.create(
        address=address, failures=5, opened_at=now, open_until=now, pause_seconds=120
    )
    gate, admitted = threading.Barrier(6), []

    def ask() -> None:
        gate.wait(timeout=5)
        admitted.append(breakers.admits("SANDBOX"))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(admitted) == [False] * 5 + [True]
