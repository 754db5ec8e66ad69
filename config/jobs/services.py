"""Bulk work: queue it, run it under a lease, cancel it, prune what it left.

The row is the truth. A worker takes a job by compare-and-set on its attempt and lease; every step
it reports renews the lease and fails if the job is no longer its own. A job whose process died is
done again from the beginning by another.
"""

import hashlib
import io
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from config.attention.services import raise_attention
from config.jobs import errors
from config.jobs.models import CHUNK_BYTES, Job, JobChunk, JobNote, JobState
from config.jobs.runners import RUNNERS
from config.problems import Problem
from config.tenancy.models import Tenant
from config.work import wake

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
KEPT = timedelta(days=7)
# What ends its process this often is no accident, and must not take workers along for ever.
ATTEMPTS = 3
WAITING_AT_MOST = 20
REPORT_EVERY = 1.0  # seconds; progress is for people
PRUNE_BATCH = 100


def queue_job(*, tenant: Tenant, kind: str, parameters: Mapping[str, Any], actor: str) -> Job:
    """Ask for bulk work of a registered kind; joins the caller's transaction, or commits once.

    Raises TooManyJobs where twenty of the tenant's jobs wait or run already.
    """
    if kind not in RUNNERS:
        raise LookupError(f"no runner is called {kind!r}")
    if Job.objects.for_tenant(tenant).waiting().count() >= WAITING_AT_MOST:
        raise errors.TooManyJobs
    with transaction.atomic():
        job = Job.objects.create(tenant=tenant, kind=kind, parameters=dict(parameters), actor=actor)
        wake("run_jobs")
    return job


def cancel_job(job: Job) -> Job:
    """QUEUED or RUNNING → CANCELLED; commits once. A worker stops at its next step.

    Raises JobHasEnded.
    """
    while not job.has_ended:
        try:
            with transaction.atomic():
                job.move(JobState.CANCELLED, **_ending())
                JobChunk.objects.filter(job=job).delete()
            return job
        except errors.ChangedMeanwhile:
            job.refresh_from_db()
    raise errors.JobHasEnded


def run_next() -> int:
    """Take the oldest job that waits and do it to its end; 1, or 0 where none waits (a chore).

    Commits: claim; every step; the end.
    """
    work = _claim()
    if work is None:
        return 0
    try:
        _run(work)
    except errors.Lost:
        log.warning("job_lost", job=work.job.pk, kind=work.job.kind)
    return 1


def prune(now: Any = None) -> int:
    """Delete the files and notes of jobs that ended seven days ago; commits once per job."""
    now = now or timezone.now()
    pruned = 0
    for job in Job.objects.expired(now).order_by("expires_at")[:PRUNE_BATCH]:
        with transaction.atomic():
            JobChunk.objects.filter(job=job).delete()
            JobNote.objects.filter(job=job).delete()
            pruned += Job.objects.filter(pk=job.pk).update(pruned_at=now)
    return pruned


class Work:
    """A job in the hands of a worker: what its runner reads, and how it says how far it is.

    Every method that writes raises Lost once the job was cancelled or taken up by another; the
    runner lets it through.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.tenant = job.tenant
        self.parameters: Mapping[str, Any] = job.parameters
        self._done = self._failed = 0
        self._notes: list[JobNote] = []
        self._reported = 0.0
        self._file: ResultFile | None = None

    def expect(self, total: int) -> None:
        """Say how many items there are."""
        self._ours(total=total)

    def did(self) -> None:
        """One more item is done."""
        self._done += 1
        self._report_now_and_then()

    def failed(self, subject: str, problem: Problem) -> None:
        """One item could not be done; the note says why, and the others go on."""
        self._done += 1
        self._failed += 1
        self.note(subject, problem)
        self._report_now_and_then()

    def note(self, subject: str, problem: Problem) -> None:
        """Keep a sentence about `subject` for whoever asked."""
        self._notes.append(
            JobNote(
                job=self.job,
                subject=subject[:200],
                code=problem.code,
                message=problem.message,
                message_ar=problem.message_ar,
            )
        )

    def open_file(self, name: str) -> "ResultFile":
        """The file that the job makes; written once from its beginning to its end."""
        self._file = ResultFile(self, name)
        return self._file

    def beat(self) -> None:
        """Say that the worker is alive, during a step that reports nothing else."""
        self._report_now_and_then()

    def finish(self) -> None:
        """RUNNING → DONE with the file, if one was opened; commits once."""
        file = self._file.close_whole() if self._file else {}
        self.report()
        with transaction.atomic():
            self._move(JobState.DONE, **file)

    def fail(self, problem: Problem) -> None:
        """RUNNING → FAILED with the reason; commits once."""
        self.report()
        with transaction.atomic():
            JobChunk.objects.filter(job=self.job).delete()
            self._move(
                JobState.FAILED,
                error_code=problem.code,
                error_message=problem.message,
                error_message_ar=problem.message_ar,
            )

    def report(self) -> None:
        """Write down how far it is, and the notes; renews the lease; commits once."""
        with transaction.atomic():
            self._ours(done=self._done, failed=self._failed)
            JobNote.objects.bulk_create(self._notes)
        self._notes.clear()
        self._reported = time.monotonic()

    def keep(self, chunk: JobChunk) -> None:
        """Store a piece of the file; commits once."""
        with transaction.atomic():
            self._ours()
            chunk.save(force_insert=True)

    def _report_now_and_then(self) -> None:
        if time.monotonic() - self._reported >= REPORT_EVERY:
            self.report()

    def _ours(self, **changes: Any) -> None:
        ours = Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING, attempt=self.job.attempt)
        if not ours.update(lease_until=timezone.now() + LEASE, **changes):
            raise errors.Lost
        # What `move` compares with.
        self.job.refresh_from_db(fields=["lease_until"])

    def _move(self, target: str, **changes: Any) -> None:
        try:
            self.job.move(target, **_ending(), **changes)
        except errors.ChangedMeanwhile:
            raise errors.Lost from None


class ResultFile(io.RawIOBase):
    """Where a runner writes its file: pieces of a mebibyte go to the database as they fill.

    A file that cannot be sought in; memory holds one piece.
    """

    def __init__(self, work: Work, name: str) -> None:
        self.name = name
        self._work = work
        self._buffer = bytearray()
        self._number = self._size = 0
        self._digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = memoryview(data)
        self._buffer += piece
        self._digest.update(piece)
        self._size += piece.nbytes
        while len(self._buffer) >= CHUNK_BYTES:
            self._keep(CHUNK_BYTES)
        return piece.nbytes

    def close_whole(self) -> dict[str, Any]:
        """Store the rest; the columns of the job that describe the file."""
        if self._buffer or not self._number:
            self._keep(len(self._buffer))
        return {
            "file_name": self.name,
            "file_size": self._size,
            "file_sha256": self._digest.hexdigest(),
        }

    def _keep(self, length: int) -> None:
        content = bytes(self._buffer[:length])
        self._work.keep(JobChunk(job=self._work.job, number=self._number, content=content))
        del self._buffer[:length]
        self._number += 1


def _claim() -> Work | None:
    """Take the oldest due job, by compare-and-set; what an earlier attempt left is cleared away."""
    while True:
        now = timezone.now()
        job = Job.objects.due(now).select_related("tenant").order_by("id").first()
        if job is None:
            return None
        try:
            with transaction.atomic(durable=True):
                job.move(
                    JobState.RUNNING,
                    attempt=job.attempt + 1,
                    lease_until=now + LEASE,
                    started_at=job.started_at or now,
                    done=0,
                    failed=0,
                )
                JobChunk.objects.filter(job=job).delete()
                JobNote.objects.filter(job=job).delete()
            return Work(job)
        except errors.ChangedMeanwhile:
            continue


def _run(work: Work) -> None:
    job = work.job
    if job.attempt > ATTEMPTS:
        _give_up(work, errors.Interrupted())
        return
    try:
        RUNNERS[job.kind].run(work)
        work.finish()
    except errors.Lost:
        raise
    except Problem as problem:
        work.fail(problem)
    except Exception:
        log.exception("job_failed", job=job.pk, kind=job.kind)
        _give_up(work, errors.Broken())


def _give_up(work: Work, problem: Problem) -> None:
    with transaction.atomic():
        work.fail(problem)
        raise_attention(
            tenant_id=work.job.tenant_id,
            kind=problem.code,
            subject=work.job.subject,
            reason=f"{work.job}: {problem.message}",
            next_action="Start it again; if it fails again, have an operator look at the log.",
        )


def _ending() -> dict[str, Any]:
    now = timezone.now()
    return {"lease_until": None, "ended_at": now, "expires_at": now + KEPT}
