"""The first page of the back office, and the way around it.

Every app registers panels and a section of the sidebar in its admin. A panel looks at a few indexed
rows of the active tenant and says in tiles how things stand; what is worth a look carries a tone
and a link.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a panel; `tone` is success, info, warning, danger or empty."""

    label: str
    figure: str
    note: str = ""
    link: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A row of tiles; `model` (``app_label.name``) decides who may see it."""

    title: str
    model: str
    tiles: Callable[[HttpRequest], Iterable[Tile]]


@dataclass(frozen=True, slots=True)
class Entry:
    """The list of `model` in the sidebar, for whom may see it; `icon` is a Material Symbol.

    `page` names another page about it than its list.
    """

    title: str
    icon: str
    model: str
    badge: Callable[[HttpRequest], str] | None = None
    page: str = ""


_panels: list[Panel] = []
_sections: list[tuple[str, tuple[Entry, ...]]] = []
HOUSE = (
    Entry("Tenants", "apartment", "tenancy.tenant"),
    Entry("Members", "group", "tenancy.membership"),
    Entry("Document looks", "palette", "printing.branding"),
    Entry("API keys", "key", "tenancy.apikey"),
    Entry("Users", "person", "auth.user"),
)


def register_panels(*panels: Panel) -> None:
    """Put panels on the first page, below those that are there already."""
    _panels.extend(panels)


def register_section(title: str, *entries: Entry) -> None:
    """Put a section into the sidebar, below those that are there already."""
    _sections.append((title, entries))


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's DASHBOARD_CALLBACK: the panels that this person may see in the active tenant."""
    if request.tenant is None:
        return context
    shown = [
        {"title": panel.title, "tiles": list(panel.tiles(request))}
        for panel in _panels
        if _may_see(request, panel.model)
    ]
    # A panel of what this tenant does not have says nothing, and is left out.
    return {**context, "title": "Overview", "panels": [panel for panel in shown if panel["tiles"]]}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """unfold's SIDEBAR navigation: the sections, then the house itself."""
    overview = {"title": "Overview", "icon": "space_dashboard", "link": reverse("admin:index")}
    sections = [_section(request, *section) for section in (*_sections, ("House", HOUSE))]
    items = [item for section in sections for item in section["items"]]
    # Of two that the address lies below, as a list and a page beside it, the nearer one is shown.
    nearest = max((item["link"] for item in items if item["link"] in request.path), default="")
    for item in items:
        item["active"] = item["link"] == nearest
    return [{"items": [overview]}, *(section for section in sections if section["items"])]


def _section(request: HttpRequest, title: str, entries: Iterable[Entry]) -> dict[str, Any]:
    shown = [_item(request, entry) for entry in entries if _may_see(request, entry.model)]
    return {"title": title, "separator": True, "items": shown}


def _item(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    page = reverse(entry.page or f"admin:{entry.model.replace('.', '_')}_changelist")
    item = {"title": entry.title, "icon": entry.icon, "link": page}
    if entry.badge and (badge := entry.badge(request)):
        item["badge"] = badge
    return item


def _may_see(request: HttpRequest, model: str) -> bool:
    return admin.site.get_model_admin(apps.get_model(model)).has_view_permission(request)
