"""A letter from asking to its end, against a real mail server that can be told to misbehave."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.attention.models import Attention
from config.delivery import gateways, letters, services
from config.delivery.errors import MailNotConfigured, NetworkInTransaction, NotFailed
from config.delivery.letters import Attachment, Letter
from config.delivery.models import MailMessage, MailPreferences
from config.delivery.server import mail_server
from config.problems import Conflict

LETTER = Letter(
    title="فاتورة | Invoice 7",
    text="مرحبًا",
    html="<p>مرحبًا</p>",
    attachments=(Attachment("7.pdf", b"%PDF-1.7", "application/pdf"),),
)


@pytest.fixture(autouse=True)
def written(monkeypatch):
    monkeypatch.setitem(letters.WRITERS, "test", lambda message: LETTER)


@pytest.fixture
def queue(najd):
    def queue(to: str = "buyer@hijaz.example") -> MailMessage:
        return services.queue_mail(
            tenant=najd, kind="test", subject="test:7", to=to, language="ar", actor="tests"
        )

    return queue


def due_now() -> None:
    MailMessage.objects.update(next_attempt_at=timezone.now())


def looked(message: MailMessage) -> MailMessage:
    services.deliver_due()
    message.refresh_from_db()
    return message


def test_a_letter_arrives_as_it_was_written(queue, post_office, najd):
    MailPreferences.objects.create(tenant=najd, reply_to="books@najd.example")
    message = looked(queue())

    assert (message.state, message.attempts, message.error_code) == ("SENT", 1, "")
    assert message.sent_at is not None
    [letter] = post_office.desk.letters
    assert letter["Subject"] == "فاتورة | Invoice 7"
    assert letter["X-Rcpt"] == letter["To"] == "buyer@hijaz.example"
    assert letter["From"].addresses[0].addr_spec == "invoices@najd.example"
    assert letter["From"].addresses[0].display_name == "شركة نجد للتجارة | Najd Trading"
    assert letter["Auto-Submitted"] == "auto-generated"  # no answering machine answers it
    assert (letter["Reply-To"], letter["Message-ID"]) == ("books@najd.example", message.message_id)
    assert letter.get_body("plain").get_content().strip() == "مرحبًا"
    assert letter.get_body("html").get_content().strip() == "<p>مرحبًا</p>"
    [pdf] = letter.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("7.pdf", b"%PDF-1.7")


def test_it_is_sent_once(queue, post_office):
    queue()
    assert (services.deliver_due(), services.deliver_due()) == (1, 0)
    assert len(post_office.desk.letters) == 1


def test_what_rolls_back_was_never_written(queue, post_office):
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert (services.deliver_due(), post_office.desk.letters) == (0, [])


@pytest.mark.parametrize(
    ("fault", "code"),
    [("busy", "smtp_451"), ("greylist", "smtp_450"), ("drop", "smtp_unreachable")],
)
def test_what_passes_is_tried_again(queue, post_office, fault, code):
    post_office.desk.fault = fault
    message = looked(queue())
    assert (message.state, message.error_code) == ("QUEUED", code)
    waits = (message.next_attempt_at - timezone.now()).total_seconds()
    assert 40 < waits <= 72  # a minute, give or take a fifth
    assert services.deliver_due() == 0

    post_office.desk.fault = ""
    due_now()
    assert looked(message).state == "SENT"
    assert (message.attempts, len(post_office.desk.letters)) == (2, 1)
    assert not Attention.objects.exists()


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("refuse_recipient", "smtp_550", "5.1.1 No such mailbox"),
        ("refuse_content", "smtp_554", "5.7.1 Not wanted here"),
    ],
)
def test_what_is_refused_for_good_asks_a_person(queue, post_office, settings, fault, code, words):
    post_office.desk.fault = fault
    message = looked(queue())
    assert (message.state, message.error_code, message.error_message) == ("FAILED", code, words)
    assert Attention.objects.get().subject == f"mail:{message.pk}"

    post_office.desk.fault = ""
    settings.MAIL = None
    with pytest.raises(MailNotConfigured):
        services.send_again(message)
    settings.MAIL = post_office.server
    services.send_again(message)
    assert looked(message).state == "SENT"
    assert Attention.objects.get().resolved_at is not None
    with pytest.raises(NotFailed):
        services.send_again(message)


@pytest.mark.parametrize(
    ("fault", "login", "code"),
    [("refuse_sender", "", "smtp_530"), ("", "daftar:wrong@", "smtp_535")],
)
def test_a_server_that_refuses_us_is_the_operators_affair(
    queue, post_office, settings, fault, login, code
):
    post_office.desk.fault = fault
    url = post_office.url.replace("smtp://", f"smtp://{login}")
    settings.MAIL = mail_server(url, sender="invoices@najd.example")
    message = looked(queue())
    assert (message.state, message.error_code, message.attempts) == ("QUEUED", code, 1)
    assert Attention.objects.get().kind == "mail_server_refuses_us"

    post_office.desk.fault, settings.MAIL = "", post_office.server
    due_now()
    assert looked(message).state == "SENT"
    assert Attention.objects.get().resolved_at is not None


def test_an_answer_that_was_lost_is_met_by_the_same_message_id(queue, post_office):
    post_office.desk.fault = "drop_after"
    message = looked(queue())
    assert (message.state, message.error_code) == ("QUEUED", "smtp_unreachable")
    post_office.desk.fault = ""
    due_now()
    looked(message)
    assert [letter["Message-ID"] for letter in post_office.desk.letters] == [message.message_id] * 2


def test_a_server_that_hangs_is_left(queue, post_office, monkeypatch):
    monkeypatch.setattr(gateways, "STEP_SECONDS", 0.3)
    post_office.desk.fault = "hang"
    message = looked(queue())
    post_office.desk.released.set()
    assert (message.state, message.error_code) == ("QUEUED", "smtp_unreachable")


def test_no_server_there(queue, settings):
    settings.MAIL = mail_server("smtp://127.0.0.1:1", sender="a@b.example")
    assert looked(queue()).error_code == "smtp_unreachable"


def test_after_five_days_it_is_given_up(queue, post_office):
    post_office.desk.fault = "busy"
    message = queue()
    MailMessage.objects.update(queued_at=timezone.now() - timedelta(days=5, seconds=1))
    assert looked(message).state == "FAILED"


def test_the_pause_doubles_up_to_an_hour(monkeypatch):
    monkeypatch.setattr(services.random, "uniform", lambda low, high: 1)
    minutes = [services._pause(n).total_seconds() / 60 for n in (1, 2, 3, 6, 7, 40)]
    assert minutes == [1, 2, 4, 32, 60, 60]


def test_what_a_dead_worker_held_is_taken_up_after_its_lease(queue, post_office):
    message = queue()
    now = timezone.now()
    MailMessage.objects.update(state="SENDING", lease_until=now + timedelta(minutes=1), attempts=1)
    assert services.deliver_due() == 0
    MailMessage.objects.update(lease_until=now - timedelta(seconds=1))
    assert looked(message).state == "SENT"
    assert message.attempts == 2


def test_who_lost_its_lease_settles_nothing(queue, post_office, monkeypatch):
    def taken_up_meanwhile(message):
        MailMessage.objects.filter(pk=message.pk).update(attempts=2)
        raise Conflict("It may not be given out.")

    monkeypatch.setitem(letters.WRITERS, "test", taken_up_meanwhile)
    message = looked(queue())
    assert (message.state, message.attempts, message.error_code) == ("SENDING", 2, "")
    assert not Attention.objects.exists()


def test_with_mail_off_letters_wait_and_a_person_is_asked(queue, settings, post_office):
    settings.MAIL = None
    message = looked(queue())
    assert (message.state, message.attempts) == ("QUEUED", 0)
    assert Attention.objects.get().kind == "mail_not_configured"
    with pytest.raises(MailNotConfigured):
        services.require_server()

    settings.MAIL = post_office.server
    assert looked(message).state == "SENT"
    assert Attention.objects.get().resolved_at is not None


def test_a_letter_that_may_not_be_written_fails_with_the_reason(queue, post_office, monkeypatch):
    def refuse(message):
        raise Conflict("It may not be given out.")

    monkeypatch.setitem(letters.WRITERS, "test", refuse)
    message = looked(queue())
    assert (message.state, message.error_message) == ("FAILED", "It may not be given out.")
    assert post_office.desk.asked == 0


def test_a_bug_in_one_letter_does_not_stop_the_next(queue, post_office, monkeypatch):
    first, second = queue("a@b.example"), queue("c@d.example")
    broken = lambda message: 1 // 0 if message.pk == first.pk else LETTER  # noqa: E731
    monkeypatch.setitem(letters.WRITERS, "test", broken)
    assert looked(first).error_code == "internal_error"
    second.refresh_from_db()
    assert (first.state, second.state) == ("FAILED", "SENT")


def test_nothing_is_sent_with_a_transaction_open(post_office, db):
    with transaction.atomic(), pytest.raises(NetworkInTransaction):
        gateways.hand_over(
            post_office.server, LETTER, to="a@b.example", message_id="<1@x>", sender_name="Najd"
        )
    assert post_office.desk.letters == []


@pytest.mark.parametrize(
    "change",
    [
        {"state": "SENT"},
        {"state": "SENDING"},
        {"to": "other@b.example"},
        {"message_id": "<x@y>"},
        {"subject": "test:8"},
        {"next_attempt_at": None},
        {"language": "fr"},
    ],
)
def test_the_database_refuses_what_no_letter_does(queue, change):
    message = queue()
    with pytest.raises(IntegrityError), transaction.atomic():
        MailMessage.objects.filter(pk=message.pk).update(**change)
