"""Workers killed with SIGKILL in the middle of bulk work and of mail, on both engines."""

import hashlib
import io
import os
import signal
import zipfile
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db.models import F

from config.delivery import gateways, letters
from config.delivery.models import MailMessage
from config.delivery.server import mail_server
from config.delivery.services import deliver_due
from config.jobs import services
from config.jobs.models import Job, JobChunk
from config.jobs.selectors import file_pieces
from config.work import run_chore
from invoicing.services import bulk
from invoicing.services.archiving import queue_archive, range_of
from invoicing.services.bulk import zip_chosen
from invoicing.services.mailing import KIND, email_invoice
from invoicing.verification.archives import open_archive
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability import processes
from tests.invoicing.reliability.processes import ended


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_the_second_document() -> None:
    """Be a worker with pieces of its file stored, whose power goes while it prints."""
    _job_worker()
    render, printed = bulk.render_pdf, []

    def render_once(invoice):
        if printed:
            die()
        printed.append(invoice)
        return render(invoice)

    bulk.render_pdf = render_once
    run_chore("run_jobs")


def die_before_the_end() -> None:
    """Be a worker that has stored the whole file, and nobody has written down that it is done."""
    _job_worker()
    services.Work._move = lambda *args, **kwargs: die()
    run_chore("run_jobs")


def _job_worker() -> None:
    processes.arm("")
    services.CHUNK_BYTES = 4_096


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


def killed(workers, death, job: Job) -> tuple[str, int, bool]:
    """State and attempt of a job whose worker was killed, and whether pieces of its file lie there.

    Nobody takes it up before its lease has run out.
    """
    assert ended(workers.start(death)) == -signal.SIGKILL
    assert services.run_next() == 0
    job.refresh_from_db()
    leases_run_out()
    return job.state, job.attempt, JobChunk.objects.filter(job=job).exists()


def zip_of(shop) -> Job:
    ids = [shop.invoice(number).pk for number in ("S-1", "S-2")]
    return zip_chosen(tenant=shop.tenant, ids=ids, actor="tests")


def archive_of(shop) -> Job:
    return queue_archive(range_of(shop.tenant, date.min, date.max), actor="tests")


@pytest.mark.parametrize(("ask", "files"), [(zip_of, 2), (archive_of, 15)])
def test_a_job_that_kills_two_workers_is_done_by_the_third(shop, workers, ask, files):
    shop.post(simplified("S-1")), shop.post(simplified("S-2"))
    job = ask(shop)

    assert killed(workers, die_at_the_second_document, job) == ("RUNNING", 1, True)
    assert killed(workers, die_before_the_end, job) == ("RUNNING", 2, True)
    assert services.run_next() == 1

    job.refresh_from_db()
    assert (job.state, job.attempt, job.done, job.failed) == ("DONE", 3, 2, 0)
    content = b"".join(file_pieces(job))
    assert (len(content), hashlib.sha256(content).hexdigest()) == (job.file_size, job.file_sha256)
    assert sum(len(chunk.content) for chunk in job.chunks.all()) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        assert len(set(file.namelist())) == len(file.namelist()) == files
    if ask is archive_of:
        assert list(open_archive(io.BytesIO(content)).findings(settings.AUDIT_KEY)) == []
    assert services.run_next() == 0


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
