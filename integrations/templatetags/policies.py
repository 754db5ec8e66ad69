"""Badges for the templates of the policies' back office."""

from typing import Any

from django import template

from integrations.words import colour, said, step

register = template.Library()


@register.inclusion_tag("unfold/helpers/label.html")
def badge(word: str | None) -> dict[str, Any]:
    """A state or an outcome in its colour."""
    return {"text": said(word), "type": colour(word)}


@register.filter
def words(code: str | None) -> str:
    """``producer_not_found`` as ``producer not found``."""
    return said(code)


@register.filter
def step_words(name: str | None) -> str:
    """What a step does: ``find the producer``."""
    return step(name or "")
