"""Badges for the templates of the invoicing back office."""

from typing import Any

from django import template

from invoicing.labels import label
from invoicing.words import colour, said

register = template.Library()


@register.inclusion_tag("unfold/helpers/label.html")
def badge(word: str | None) -> dict[str, Any]:
    """A status word in its colour."""
    return {"text": said(word), "type": colour(word)}


@register.simple_tag
def word(key: str) -> str:
    """A word of the page, in its language."""
    return label(key)
