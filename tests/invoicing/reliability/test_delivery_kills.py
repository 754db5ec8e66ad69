"""Workers killed with SIGKILL in the middle of bulk work and of mail, on both engines."""

import io
import os
import signal
import zipfile
from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F

from config.delivery import gateways, letters
from config.delivery.models import MailMessage
from config.delivery.server import mail_server
from config.delivery.services import deliver_due
from config.jobs import runners, services
from config.jobs.models import Job, JobChunk
from config.jobs.runners import Runner
from config.jobs.selectors import file_pieces
from config.work import run_chore
from invoicing.services.bulk import PDF_ZIP, zip_chosen
from invoicing.services.mailing import KIND, email_invoice
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability import processes
from tests.invoicing.reliability.processes import ended


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_the_middle_of_a_job() -> None:
    """Be a worker whose job has written a piece of its file when the power goes."""
    processes.arm("")

    def run(work: services.Work) -> None:
        work.expect(1)
        work.open_file("half.zip").write(b"x" * 1_048_576)
        die()

    runners.RUNNERS[PDF_ZIP] = Runner(PDF_ZIP, "", "invoices:read", run)
    run_chore("run_jobs")


def die_before_sending(url: str) -> None:
    """Be a worker that has claimed a letter, and writes it."""
    _mail_worker(url)
    letters.WRITERS[KIND] = lambda message: die()
    run_chore("deliver_mail")


def die_after_sending(url: str) -> None:
    """Be a worker whose letter was taken, which nobody wrote down."""
    _mail_worker(url)
    send = gateways.hand_over

    def send_and_die(*args, **kwargs):
        send(*args, **kwargs)
        die()

    gateways.hand_over = send_and_die
    run_chore("deliver_mail")


def _mail_worker(url: str) -> None:
    processes.arm("")
    settings.MAIL = mail_server(url, sender="invoices@najd.example")


def leases_run_out() -> None:
    for model in (Job, MailMessage):
        model.objects.update(lease_until=F("lease_until") - timedelta(minutes=10))


def test_the_job_of_a_killed_worker_is_done_by_another(shop, workers):
    shop.post(simplified("S-1"))
    job = zip_chosen(tenant=shop.tenant, ids=[shop.invoice("S-1").pk], actor="tests")

    assert ended(workers.start(die_in_the_middle_of_a_job)) == -signal.SIGKILL
    job.refresh_from_db()
    assert (job.state, JobChunk.objects.count(), services.run_next()) == ("RUNNING", 1, 0)

    leases_run_out()
    assert services.run_next() == 1

    job.refresh_from_db()
    assert (job.state, job.attempt, job.done) == ("DONE", 2, 1)
    with zipfile.ZipFile(io.BytesIO(b"".join(file_pieces(job)))) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 1


@pytest.mark.parametrize(("death", "copies"), [(die_before_sending, 1), (die_after_sending, 2)])
def test_the_letter_of_a_killed_worker_is_sent_by_another(
    shop, workers, post_office, death, copies
):
    shop.post(simplified("S-1"))
    message = email_invoice(shop.invoice("S-1"), actor="tests", to="buyer@hijaz.example")

    assert ended(workers.start(death, post_office.url)) == -signal.SIGKILL
    message.refresh_from_db()
    assert (message.state, message.attempts, deliver_due()) == ("SENDING", 1, 0)

    leases_run_out()
    assert deliver_due() == 1

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("SENT", 2)
    # Sent twice where nobody knew; whoever has both sees that they are one.
    arrived = [letter["Message-ID"] for letter in post_office.desk.letters]
    assert arrived == [message.message_id] * copies
