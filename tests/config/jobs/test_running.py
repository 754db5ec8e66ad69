"""A job from asking to its end: progress, notes, the file in pieces, refusals, bugs."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.attention.models import Attention
from config.jobs import errors, services
from config.jobs.models import CHUNK_BYTES, Job, JobChunk, JobNote
from config.jobs.selectors import file_pieces
from config.problems import InvalidRequest

THREE_PIECES = b"daftar" * (2 * CHUNK_BYTES // 6 + 100)


def write_three_pieces(work):
    work.expect(2)
    work.open_file("big.zip").write(THREE_PIECES)
    work.did()
    work.failed("INV-2", InvalidRequest("It is blank.", message_ar="فارغة."))


def test_a_job_runs_to_its_end_with_a_file_in_pieces(ask):
    job = ask(write_three_pieces)
    assert (job.state, job.percent) == ("QUEUED", 0)

    assert services.run_next() == 1

    job.refresh_from_db()
    assert (job.state, job.total, job.done, job.failed, job.percent) == ("DONE", 2, 2, 1, 100)
    assert (job.attempt, job.lease_until, job.file_name) == (1, None, "big.zip")
    assert [len(chunk.content) for chunk in job.chunks.all()] == [
        CHUNK_BYTES,
        CHUNK_BYTES,
        len(THREE_PIECES) - 2 * CHUNK_BYTES,
    ]
    assert b"".join(file_pieces(job)) == THREE_PIECES
    assert job.file_sha256 == hashlib.sha256(THREE_PIECES).hexdigest()
    [note] = job.notes.all()
    assert (note.subject, note.code, note.message_ar) == ("INV-2", "invalid_request", "فارغة.")
    assert job.expires_at - job.ended_at == timedelta(days=7)
    assert services.run_next() == 0


def test_jobs_are_taken_in_the_order_they_were_asked_for(ask):
    seen = []
    for number in range(3):
        ask(lambda work: seen.append(work.parameters["number"]), number=number)
    while services.run_next():
        pass
    assert seen == [0, 1, 2]


def test_a_refusal_of_the_runner_is_its_answer(ask):
    def refuse(work):
        work.open_file("half.zip").write(b"x" * CHUNK_BYTES)
        raise InvalidRequest("No such day.", message_ar="لا يوجد.")

    job = ask(refuse)
    services.run_next()

    job.refresh_from_db()
    assert (job.state, job.error_code) == ("FAILED", "invalid_request")
    assert (job.error_message, job.error_message_ar) == ("No such day.", "لا يوجد.")
    assert not JobChunk.objects.exists()
    assert not Attention.objects.exists()


def test_a_bug_fails_the_job_and_asks_a_person(ask):
    job = ask(lambda work: 1 // 0)
    services.run_next()

    job.refresh_from_db()
    assert (job.state, job.error_code) == ("FAILED", "job_broken")
    assert Attention.objects.get().subject == f"job:{job.pk}"


def test_a_cancelled_job_stops_at_its_next_step(ask):
    def cancelled_meanwhile(work):
        work.open_file("half.zip").write(b"x" * CHUNK_BYTES)
        services.cancel_job(Job.objects.get())
        work.report()
        raise AssertionError("it went on")

    job = ask(cancelled_meanwhile)
    services.run_next()

    job.refresh_from_db()
    assert (job.state, JobChunk.objects.count()) == ("CANCELLED", 0)
    with pytest.raises(errors.JobHasEnded):
        services.cancel_job(job)


def test_a_job_that_waits_can_be_cancelled_and_never_runs(ask):
    job = services.cancel_job(ask(lambda work: 1 // 0))
    assert (job.state, services.run_next()) == ("CANCELLED", 0)


def test_a_worker_that_lost_its_lease_writes_nothing_more(ask):
    first_ran = []

    def slow(work):
        if first_ran:
            work.open_file("second.zip").write(b"second")
            return
        first_ran.append(work)
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert services.run_next() == 1  # another worker, to the end
        work.keep(JobChunk(job=work.job, number=7, content=b"first"))

    job = ask(slow)
    services.run_next()

    job.refresh_from_db()
    assert (job.state, job.attempt) == ("DONE", 2)
    assert b"".join(file_pieces(job)) == b"second"
    assert job.chunks.count() == 1


def test_what_a_dead_worker_left_is_cleared_away(ask):
    job = ask(lambda work: work.open_file("second.zip").write(b"second"))
    lost = timezone.now() - timedelta(seconds=1)
    Job.objects.update(state="RUNNING", attempt=1, done=2, failed=1, lease_until=lost)
    JobChunk.objects.create(job=job, number=7, content=b"first")
    JobNote.objects.create(job=job, subject="INV-1", code="x", message="It failed the first time.")
    services.run_next()

    job.refresh_from_db()
    assert (job.state, job.attempt, job.done, job.failed) == ("DONE", 2, 0, 0)
    assert ([chunk.number for chunk in job.chunks.all()], job.notes.count()) == ([0], 0)


def test_a_worker_whose_job_runs_elsewhere_reports_nothing(ask):
    def slow(work):
        Job.objects.update(attempt=2)  # another has taken it up and is at work
        work.failed("INV-1", InvalidRequest("Not this time.", message_ar="ليس الآن."))
        work.finish()

    job = ask(slow)
    services.run_next()

    job.refresh_from_db()
    assert (job.state, job.attempt, job.done, job.notes.count()) == ("RUNNING", 2, 0, 0)


def test_what_keeps_ending_its_process_is_given_up(ask):
    job = ask(lambda work: None)
    Job.objects.update(
        state="RUNNING", attempt=3, lease_until=timezone.now() - timedelta(seconds=1)
    )
    services.run_next()
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("FAILED", "job_interrupted")


def test_files_go_after_seven_days_and_the_row_stays(ask):
    job = ask(write_three_pieces)
    services.run_next()
    now = timezone.now()
    assert services.prune(now + timedelta(days=6, hours=23)) == 0
    assert services.prune(now + timedelta(days=7, seconds=1)) == 1
    assert services.prune(now + timedelta(days=8)) == 0
    assert not JobChunk.objects.exists()
    assert not JobNote.objects.exists()
    job.refresh_from_db()
    assert job.state == "DONE"
    with pytest.raises(errors.FileExpired):
        file_pieces(job)


def test_no_more_than_twenty_wait(ask):
    for _ in range(20):
        ask(lambda work: None)
    with pytest.raises(errors.TooManyJobs):
        ask(lambda work: None)
    services.run_next()
    assert ask(lambda work: None).state == "QUEUED"


def test_an_unknown_kind_is_a_bug(najd):
    with pytest.raises(LookupError):
        services.queue_job(tenant=najd, kind="nothing", parameters={}, actor="x")


@pytest.mark.parametrize(
    "change",
    [
        {"state": "DONE"},
        {"state": "FOUND"},
        {"state": "RUNNING"},
        {"kind": "other"},
        {"actor": "somebody"},
        {"failed": 3},
    ],
)
def test_the_database_refuses_what_no_job_does(ask, change):
    job = ask(lambda work: None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**change)


def test_the_database_takes_no_piece_over_a_mebibyte(ask):
    job = ask(lambda work: None)
    with pytest.raises(IntegrityError), transaction.atomic():
        JobChunk.objects.create(job=job, number=0, content=b"x" * (CHUNK_BYTES + 1))
