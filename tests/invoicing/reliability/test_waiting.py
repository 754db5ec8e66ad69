"""When nothing may be sent: Retry-After, the 20-hour stop, a paused unit; no loop is ever hot."""

from datetime import timedelta

from django.utils import timezone

from config.attention.models import Attention
from invoicing.models import EGSUnit
from invoicing.services import sending
from invoicing.services.units import resume_unit
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability.conftest import let_time_pass, now_due


def seconds_until_due(invoice) -> float:
    return (invoice.next_attempt_at - timezone.now()).total_seconds()


def test_retry_after_is_honoured(shop):
    shop.control.script("S-1", delivery=1, fault="too_many", retry_after=300)
    shop.post(simplified())

    invoice = shop.invoice("S-1")
    assert invoice.error_code == "zatca_throttled"
    assert 295 < seconds_until_due(invoice) <= 300
    let_time_pass(seconds=290)
    assert sending.send_due() == 0
    let_time_pass(seconds=20)
    assert sending.send_due() == 1
    assert shop.invoice("S-1").status == "CLEARED"
    assert [a.reached for a in invoice.attempts.all()] == ["YES", "NO"]


def test_pauses_double_with_jitter(shop):
    for delivery in (1, 2, 3):
        shop.control.script("S-1", delivery=delivery, fault="error_503_before")
    shop.post(simplified())
    pauses = [seconds_until_due(shop.invoice("S-1"))]
    for _ in range(2):
        now_due(shop.invoice("S-1"))
        sending.send_due()
        pauses.append(seconds_until_due(shop.invoice("S-1")))

    # 30, 60 and 120 s, 20 % up or down, less the moment since.
    for pause, exact in zip(pauses, (30, 60, 120), strict=True):
        assert 0.8 * exact - 2 < pause < 1.2 * exact


def test_an_unknown_outcome_is_left_to_a_person_after_twenty_hours(shop):
    for delivery in (1, 2):
        shop.control.script("S-1", delivery=delivery, fault="error_504_before")
    shop.post(simplified())
    let_time_pass(hours=19, minutes=50)
    sending.send_due()
    invoice = shop.invoice("S-1")
    assert (invoice.status, invoice.parked_at) == ("FAILED", None)

    let_time_pass(minutes=30)
    sending.send_due()

    invoice = shop.invoice("S-1")
    assert invoice.parked_at is not None
    assert "20 hours" in invoice.parked_reason
    [asked] = Attention.objects.filter(kind="invoice_parked")
    assert asked.subject == invoice.subject
    let_time_pass(days=30)
    assert sending.send_due() == 0
    assert len(shop.calls("S-1")) == 2
    assert not shop.report().violations

    # A person may, at any age (contracts 11).
    assert shop.retry(invoice).status_code == 200
    assert shop.invoice("S-1").status == "CLEARED"


def test_what_never_left_is_tried_for_ever(shop, stand_in):
    stand_in.stop()
    shop.post(simplified())
    for _ in range(3):
        let_time_pass(days=2)
        assert sending.send_due() == 1
    assert shop.invoice("S-1").parked_at is None
    stand_in.start()

    let_time_pass(days=2)
    sending.send_due()

    assert shop.invoice("S-1").status == "CLEARED"


def test_refused_credentials_pause_the_unit_and_nothing_else_happens(shop):
    shop.control.script("S-1", delivery=1, fault="unauthorized")
    shop.post(simplified("S-1"))
    shop.post_later(simplified("S-2"))
    assert EGSUnit.objects.get().paused_at is not None
    let_time_pass(hours=10)

    assert sending.send_due() == 0

    assert shop.calls("S-2") == []
    assert shop.invoice("S-1").logs.count() == 1
    assert shop.invoice("S-2").logs.count() == 0
    assert Attention.objects.filter(kind="credential_rejected", resolved_at=None).count() == 1


def test_a_resumed_unit_sends_what_waited(shop):
    shop.control.script("S-1", delivery=1, fault="unauthorized")
    shop.post(simplified("S-1"))
    shop.post_later(simplified("S-2"))

    resume_unit(EGSUnit.objects.get(), by="tests")
    assert sending.send_due() == 2

    assert not Attention.objects.filter(resolved_at=None).exists()
    report = shop.report()
    assert not report.violations
    assert report.statuses == {"CLEARED": 2}


def test_a_retry_by_hand_is_allowed_on_a_paused_unit_and_its_success_resumes_it(shop):
    shop.control.script("S-1", delivery=1, fault="unauthorized")
    shop.control.script("S-1", delivery=2, fault="unauthorized")
    shop.post(simplified())

    refused = shop.retry(shop.invoice("S-1"))
    assert refused.status_code == 500
    assert refused.json()["error"]["code"] == "credential_rejected"

    assert shop.retry(shop.invoice("S-1")).status_code == 200
    assert EGSUnit.objects.get().paused_at is None


def test_one_invoice_that_cannot_be_handled_does_not_stop_the_others(shop):
    for number in ("S-1", "S-2", "S-3"):
        shop.post_later(simplified(number))
    # A claim that fails every time: attempt 1 is there already, the counter says none.
    poisoned = shop.invoice("S-1")
    sending.claim(poisoned, sending.WORKER)
    sending.free_expired_leases()
    shop.unit.invoices.filter(pk=poisoned.pk).update(
        attempt_no=0, status="FAILED", lease_until=None, next_attempt_at=timezone.now()
    )

    sending.send_due()

    assert shop.invoice("S-2").status == shop.invoice("S-3").status == "CLEARED"
    assert timedelta(minutes=29) < shop.invoice("S-1").next_attempt_at - timezone.now()
