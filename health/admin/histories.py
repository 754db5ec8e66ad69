"""What was done to a row: who, when, what it was before and became, and why."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from health.admin.invoice_parts import table_of
from health.models import History
from health.models.tenanted import Tenanted
from health.selectors import history_of

EVENTS = ("When", "What", "Who", "What changed", "Why")
SHOWN = 500
BREAK = mark_safe("<br>")


def events_of(row: Tenanted) -> SafeString | str:
    """The row's history as a table, first things first; of a very long one the newest."""
    newest = history_of(row).order_by("-id")[:SHOWN]
    rows = [
        (
            _at(event.created_at),
            event.action,
            format_html("<bdi>{}</bdi>", event.actor),
            _changes(event),
            event.reason,
        )
        for event in reversed(newest)
    ]
    return table_of(EVENTS, rows, figures_from=len(EVENTS)) if rows else written(row)


def written(row: Tenanted) -> str:
    """For what is written once and never changes: by whom, where the row itself says so."""
    if by := getattr(row, "created_by", ""):
        return f"Written {_at(row.created_at)} by {by}, and never changed since."
    return "Nothing was changed since it was written."


def _at(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def _changes(event: History) -> SafeString | str:
    before, after = event.before or {}, event.after or {}
    lines = (_change(name, before, after) for name in {**before, **after})
    return format_html_join(BREAK, "{}", ((line,) for line in lines))


def _change(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    became = f"{_said(before[name])} → " if name in before else ""
    return f"{name.replace('_', ' ')}: {became}{_said(after.get(name))}"


def _said(value: Any) -> str:
    """A value as people read it; lines of a draft one after another."""
    if value is None or value == "":
        return "–"
    if isinstance(value, list):
        return "; ".join(map(_said, value)) or "none"
    if isinstance(value, dict):
        said = (f"{name.replace('_', ' ')} {_said(value[name])}" for name in value if value[name])
        return ", ".join(said)
    return str(value)
