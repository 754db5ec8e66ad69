"""What needs a person: open rows first, each with what to do next, and a way to close it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import display

from config.admin import ReadOnlyAdmin, TenantModelAdmin
from config.attention.models import Attention
from config.attention.services import resolve_attention
from config.dashboard import Entry, Panel, Tile, register_panels, register_section
from config.listing import CappedPaginator, DaysFilter, capped_count
from config.tenancy.roles import AREAS

BADGE_CAP = 100
_pages: dict[str, str] = {}


def register_subject(word: str, page: str) -> None:
    """Let subjects such as ``invoice:42`` lead to `page`, the name of an admin page of one key."""
    _pages[word] = page


def subject_page(subject: str) -> str | None:
    """The address of what a row is about, or None where nobody registered its kind."""
    word, _, key = subject.partition(":")
    return reverse(_pages[word], args=[key]) if word in _pages and key.isalnum() else None


class StateFilter(RadioFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("resolved", "Resolved")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Attention]) -> QuerySet[Attention]:
        if self.value() in ("open", "resolved"):
            return queryset.filter(resolved_at__isnull=self.value() == "open")
        return queryset


@admin.register(Attention)
class AttentionAdmin(ReadOnlyAdmin, TenantModelAdmin):
    """Every member sees what is open; whoever may write in one of the areas may resolve it."""

    view_scope = ""
    list_display = ("state", "about", "reason", "next_action", "count", "first_seen", "last_seen")
    list_display_links = ("reason",)
    list_filter = (StateFilter, ("last_seen", DaysFilter))
    list_filter_submit = True
    search_fields = ("reason", "=kind", "=subject")
    search_help_text = "Words of the reason; a kind or a subject exactly."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    fields = (
        "state",
        "about",
        "shown_kind",
        "reason",
        "next_action",
        "count",
        "first_seen",
        "last_seen",
        "resolved_at",
        "resolved_by",
    )
    readonly_fields = ("state", "about", "shown_kind")
    actions = ("resolve",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.credential is not None or request.user.is_superuser

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return any(self.may(request, f"{area}:write") for area in AREAS)

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return (F("resolved_at").desc(nulls_first=True), "-last_seen", "-id")

    @display(description="state", label={"open": "danger", "resolved": "success"})
    def state(self, item: Attention) -> str:
        return "resolved" if item.resolved_at else "open"

    @admin.display(description="about")
    def about(self, item: Attention) -> str:
        page = subject_page(item.subject)
        if page is None:
            return item.subject_in_words
        return format_html('<a href="{}" class="daftar-link">{}</a>', page, item.subject_in_words)

    @admin.display(description="kind")
    def shown_kind(self, item: Attention) -> str:
        return item.kind_in_words

    @admin.action(description="Mark as resolved", permissions=["resolve"])
    def resolve(self, request: HttpRequest, items: QuerySet[Attention]) -> None:
        resolved = sum(
            resolve_attention(
                tenant_id=item.tenant_id,
                kind=item.kind,
                subject=item.subject,
                by=request.credential.actor,
            )
            for item in items.open()
        )
        level = messages.SUCCESS if resolved else messages.WARNING
        self.message_user(request, f"{resolved} marked as resolved.", level)


def open_count(request: HttpRequest) -> str:
    """How many rows are open, for a badge; empty where none is."""
    if request.tenant is None:
        return ""
    found = capped_count(Attention.objects.for_tenant(request.tenant).open(), BADGE_CAP)
    return f"{found - 1}+" if found == BADGE_CAP else str(found or "")


def _tiles(request: HttpRequest) -> list[Tile]:
    rows = Attention.objects.for_tenant(request.tenant).open()
    found = capped_count(rows, BADGE_CAP)
    oldest = rows.order_by("first_seen").first() if found else None
    return [
        Tile(
            "Open",
            open_count(request) or "0",
            f"since {localtime(oldest.first_seen):%Y-%m-%d}: {oldest.reason}"
            if oldest
            else "nothing waits",
            reverse("admin:attention_attention_changelist") + "?state=open",
            "danger" if found else "success",
        )
    ]


register_panels(Panel("Needs attention", "attention.attention", _tiles))
register_section(
    "To do", Entry("Needs attention", "notifications", "attention.attention", open_count)
)
