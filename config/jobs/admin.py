"""Bulk work in the back office: how far each job is, its file, and a way to stop it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from config.admin import ReadOnlyAdmin, TenantModelAdmin
from config.attention.admin import register_subject
from config.dashboard import Entry, register_section
from config.jobs import errors, selectors, services
from config.jobs.api import file_response
from config.jobs.models import Job, JobState
from config.jobs.runners import RUNNERS
from config.listing import CappedPaginator, DaysFilter
from config.problems import Problem

COLOURS = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "warning",
}
NOTES_SHOWN = 200


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin, TenantModelAdmin):
    """Members see the kinds of jobs whose permission they hold."""

    view_scope = ""
    list_display = ("id", "title", "shown_state", "progress", "file", "actor", "created_at")
    list_display_links = ("id", "title")
    list_filter = (("state", ChoicesDropdownFilter), ("created_at", DaysFilter))
    list_filter_submit = True
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    ordering = ("-id",)
    fields = (
        "title",
        "state",
        "progress",
        "file",
        "file_sha256",
        "error",
        "shown_notes",
        "asked_for",
        "actor",
        "created_at",
        "started_at",
        "ended_at",
        "expires_at",
    )
    readonly_fields = ("title", "progress", "file", "error", "shown_notes", "asked_for")
    actions = ("cancel_selected",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if request.tenant is None:
            return request.user.is_superuser
        return bool(self._kinds(request))

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).filter(kind__in=self._kinds(request))

    def _kinds(self, request: HttpRequest) -> list[str]:
        return [kind for kind, runner in RUNNERS.items() if self.may(request, runner.permission)]

    @admin.display(description="work", ordering="kind")
    def title(self, job: Job) -> str:
        return selectors.title_of(job)

    @display(description="state", ordering="state", label=COLOURS)
    def shown_state(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display().lower()

    @admin.display(description="progress")
    def progress(self, job: Job) -> SafeString:
        of = "" if job.total is None else f" of {job.total}"
        failed = f", {job.failed} could not be done" if job.failed else ""
        return format_html(
            '<progress class="daftar-progress" max="100" value="{}"></progress> {}{}{}',
            job.percent,
            job.done,
            of,
            failed,
        )

    @admin.display(description="file")
    def file(self, job: Job) -> SafeString | str:
        if job.has_file:
            return format_html(
                '<a class="daftar-link" href="{}">Download</a> ({})',
                reverse("admin:jobs_job_file", args=[job.pk]),
                _size(job.file_size or 0),
            )
        return "gone after seven days" if job.pruned_at and job.file_name else "-"

    @admin.display(description="error")
    def error(self, job: Job) -> str:
        return job.error_message or "-"

    @admin.display(description="could not be done")
    def shown_notes(self, job: Job) -> SafeString | str:
        notes = job.notes.all()[:NOTES_SHOWN]
        rows = ((note.subject, note.message) for note in notes)
        return format_html_join("", "<p><bdi>{}</bdi>: {}</p>", rows) or "-"

    @admin.display(description="asked for")
    def asked_for(self, job: Job) -> str:
        said = ((name, _briefly(value)) for name, value in job.parameters.items() if value)
        return ", ".join(f"{name}: {value}" for name, value in said) or "-"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [path("<int:pk>/file/", view(self.file_view), name="jobs_job_file")]
        return [*own, *super().get_urls()]

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The file, streamed."""
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        job = self.get_object(request, str(pk))
        try:
            return file_response(job)
        except Problem as problem:
            self.message_user(request, problem.message, messages.ERROR)
            return redirect("admin:jobs_job_change", pk)

    @admin.action(description="Cancel the selected jobs", permissions=["cancel"])
    def cancel_selected(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        cancelled = 0
        for job in jobs:
            try:
                services.cancel_job(job)
                cancelled += 1
            except errors.JobHasEnded:
                continue
        level = messages.SUCCESS if cancelled else messages.WARNING
        self.message_user(request, f"{cancelled} cancelled.", level)


def _briefly(value: Any) -> str:
    """A list may hold thousands of ids, which tell a person nothing."""
    return f"{len(value)} chosen" if isinstance(value, list) else str(value)


def _size(count: int) -> str:
    if count < 1024 * 1024:
        return f"{max(1, count // 1024)} KiB"
    return f"{count / 1024 / 1024:.1f} MiB"


def running_count(request: HttpRequest) -> str:
    """How many of the tenant's jobs wait or run, for a badge; empty where none does."""
    if request.tenant is None:
        return ""
    return str(Job.objects.for_tenant(request.tenant).waiting().count() or "")


register_subject("job", "admin:jobs_job_change")
register_section(
    "Bulk work and mail",
    Entry("Jobs", "inventory_2", "jobs.job", running_count),
    Entry("Mail", "mail", "delivery.mailmessage"),
    Entry("Mail settings", "forward_to_inbox", "delivery.mailpreferences"),
)
