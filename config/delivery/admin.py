"""The outbox in the back office: what was sent to whom, what failed and why."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from config.admin import ReadOnlyAdmin, TenantModelAdmin
from config.attention.admin import register_subject, subject_page
from config.delivery import errors, services
from config.delivery.models import MailMessage, MailPreferences, MailState
from config.listing import CappedPaginator, DaysFilter
from config.problems import Problem

COLOURS = {
    MailState.QUEUED: "info",
    MailState.SENDING: "info",
    MailState.SENT: "success",
    MailState.FAILED: "danger",
}


@admin.register(MailMessage)
class MailMessageAdmin(ReadOnlyAdmin, TenantModelAdmin):
    """Whoever may read invoices sees the mail; whoever may write them sends a failed one again."""

    view_scope = "invoices:read"
    list_display = ("created_at", "about", "to", "shown_state", "attempts", "error", "sent_at")
    list_display_links = ("created_at",)
    list_filter = (("state", ChoicesDropdownFilter), ("created_at", DaysFilter))
    list_filter_submit = True
    search_fields = ("=to", "=subject", "=message_id")
    search_help_text = "An address, a subject such as invoice:42, or a Message-ID, exactly."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    ordering = ("-id",)
    fields = (
        "about",
        "to",
        "language",
        "state",
        "attempts",
        "next_attempt_at",
        ("error_code", "error_message"),
        "message_id",
        "actor",
        "created_at",
        "sent_at",
    )
    readonly_fields = ("about",)
    actions = ("send_again",)

    def has_write_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "invoices:write")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if settings.MAIL is None and request.method == "GET":
            self.message_user(request, errors.MailNotConfigured.message, messages.WARNING)
        return super().changelist_view(request, extra_context)

    @admin.display(description="about", ordering="subject")
    def about(self, message: MailMessage) -> str:
        page = subject_page(message.subject)
        if page is None:
            return message.subject
        return format_html('<a href="{}" class="daftar-link">{}</a>', page, message.subject)

    @display(description="state", ordering="state", label=COLOURS)
    def shown_state(self, message: MailMessage) -> tuple[str, str]:
        return message.state, message.get_state_display().lower()

    @admin.display(description="error")
    def error(self, message: MailMessage) -> str:
        return message.error_message

    @admin.action(description="Send the failed ones again", permissions=["write"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[MailMessage]) -> None:
        sent = 0
        for message in chosen.filter(state=MailState.FAILED):
            try:
                services.send_again(message)
                sent += 1
            except Problem as problem:
                self.message_user(request, f"{message}: {problem.message}", messages.ERROR)
        level = messages.SUCCESS if sent else messages.WARNING
        self.message_user(request, f"{sent} will be sent again.", level)


@admin.register(MailPreferences)
class MailPreferencesAdmin(TenantModelAdmin):
    """The tenant's one row: added once, then changed."""

    view_scope = "invoices:read"
    change_scope = "admin"
    list_display = ("tenant", "send_when_final", "reply_to", "language", "updated_at")
    fields = ("send_when_final", "language", "reply_to")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_add_permission(request):
            return False
        return not MailPreferences.objects.filter(tenant=request.tenant).exists()


register_subject("mail", "admin:delivery_mailmessage_change")
