"""How a program follows bulk work: progress, the file, cancel."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework import status as http
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.files import FileAnswers
from config.jobs import selectors, services
from config.jobs.models import Job, JobState
from config.openapi import error_responses
from config.tenancy.errors import InsufficientScope

BASE = "/api/v1/jobs"
NOTES_SHOWN = 100


class NoteSerializer(serializers.Serializer):
    """One thing that could not be done."""

    subject = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    message_ar = serializers.CharField()


class JobErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    message_ar = serializers.CharField()


class JobFileSerializer(serializers.Serializer):
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()


class JobLinksSerializer(serializers.Serializer):
    self = serializers.CharField()
    file = serializers.CharField(allow_null=True)
    cancel = serializers.CharField(allow_null=True)


class JobSerializer(serializers.Serializer):
    """A piece of bulk work and how far it is."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(JobState.choices)
    total = serializers.IntegerField(allow_null=True, help_text="Null until it is known.")
    done = serializers.IntegerField(help_text="Including those that failed.")
    failed = serializers.IntegerField()
    percent = serializers.IntegerField()
    actor = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When the file goes.")
    error = JobErrorSerializer(allow_null=True)
    notes = NoteSerializer(many=True, help_text="The first hundred.")
    file = JobFileSerializer(allow_null=True)
    links = JobLinksSerializer()


def job_answer(job: Job) -> dict[str, Any]:
    """The answer about a job, as it is now."""
    page = f"{BASE}/{job.pk}"
    same = (
        "kind", "state", "total", "done", "failed", "percent", "actor",
        "created_at", "started_at", "ended_at", "expires_at",
    )  # fmt: skip
    return {
        "id": job.pk,
        **{name: getattr(job, name) for name in same},
        "error": _error(job),
        "notes": list(job.notes.values("subject", "code", "message", "message_ar")[:NOTES_SHOWN]),
        "file": _file(job),
        "links": {
            "self": page,
            "file": f"{page}/file" if job.has_file else None,
            "cancel": None if job.has_ended else f"{page}/cancel",
        },
    }


def _error(job: Job) -> dict[str, str] | None:
    if not job.error_code:
        return None
    return {
        "code": job.error_code,
        "message": job.error_message,
        "message_ar": job.error_message_ar,
    }


def _file(job: Job) -> dict[str, Any] | None:
    if not job.has_file:
        return None
    return {"name": job.file_name, "size": job.file_size, "sha256": job.file_sha256}


def accepted(job: Job) -> Response:
    """202: the job was queued; Location says where to follow it."""
    headers = {"Location": f"{BASE}/{job.pk}"}
    return Response(job_answer(job), status=http.HTTP_202_ACCEPTED, headers=headers)


class _OneJob(APIView):
    # Who may see a job depends on its kind; another tenant's is absent for everybody.
    scope = None

    def job(self, pk: int) -> Job:
        job = selectors.get_job(self.request.auth, pk)
        permission = selectors.permission_of(job)
        if not self.request.auth.may(permission):
            raise InsufficientScope(permission)
        return job


class JobView(_OneJob):
    """`/api/v1/jobs/{id}`."""

    @extend_schema(
        operation_id="jobs_retrieve",
        summary="How far a piece of bulk work is",
        responses={200: JobSerializer, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(job_answer(self.job(pk)))


class JobFileView(FileAnswers, _OneJob):
    """`/api/v1/jobs/{id}/file`."""

    file_types = ("application/zip",)

    @extend_schema(
        operation_id="jobs_file",
        summary="The file a job has made, for seven days",
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            **error_responses(401, 403, 404, 409, 410),
        },
    )
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        return file_response(self.job(pk))


class JobCancelView(_OneJob):
    """`/api/v1/jobs/{id}/cancel`."""

    @extend_schema(
        operation_id="jobs_cancel",
        summary="Cancel a job that waits or runs",
        request=None,
        responses={200: JobSerializer, **error_responses(401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(job_answer(services.cancel_job(self.job(pk))))


def file_response(job: Job) -> StreamingHttpResponse:
    """The file of a job, streamed. Raises NoFileYet and FileExpired."""
    return StreamingHttpResponse(
        selectors.file_pieces(job),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{job.file_name}"',
            "Content-Length": str(job.file_size),
            "Cache-Control": "no-store",
        },
    )
