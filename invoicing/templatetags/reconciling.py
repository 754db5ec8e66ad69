"""Words and figures of the reconciliation pages."""

from decimal import Decimal
from typing import Any

from django import template

from invoicing.labels import label

register = template.Library()


@register.filter
def said_here(word: str) -> str:
    """A status, kind or source in the language of the page."""
    return label(word) if word else ""


@register.filter
def grouped(amount: Decimal | str | None) -> str:
    """``1,234.50``; empty for nothing."""
    return "" if amount is None else f"{Decimal(amount):,}"


@register.filter
def tone(difference: dict[str, Any]) -> str:
    """The colour of a difference: none where both sides say the same."""
    amounts = (Decimal(difference["total"]), Decimal(difference["vat"]))
    return "daftar-tone-danger" if difference["count"] or any(amounts) else ""
