"""Reads of bulk work."""

from collections.abc import Iterator

from config.jobs import errors
from config.jobs.models import Job, JobChunk, JobState
from config.jobs.runners import RUNNERS
from config.tenancy.credentials import Credential


def get_job(credential: Credential, pk: int) -> Job:
    """One job of the credential's tenant; JobNotFound for absent and foreign ones alike."""
    found = Job.objects.for_tenant(credential.tenant).filter(pk=pk).first()
    if found is None:
        raise errors.JobNotFound
    return found


def permission_of(job: Job) -> str:
    """What is needed to see the job; `admin` for a kind that no app registers any more."""
    runner = RUNNERS.get(job.kind)
    return runner.permission if runner else "admin"


def title_of(job: Job) -> str:
    runner = RUNNERS.get(job.kind)
    return runner.title if runner else job.kind


def file_pieces(job: Job) -> Iterator[bytes]:
    """The bytes of the job's file, a mebibyte at a time.

    Raises NoFileYet or FileExpired at once, before the first piece is asked for.
    """
    if job.state == JobState.DONE and job.pruned_at is not None:
        raise errors.FileExpired
    if not job.has_file:
        raise errors.NoFileYet
    return _pieces(job)


def _pieces(job: Job) -> Iterator[bytes]:
    number = 0
    # By number and not with one cursor: a slow reader must not hold a transaction open.
    while piece := JobChunk.objects.filter(job=job, number=number).first():
        yield bytes(piece.content)
        number += 1
