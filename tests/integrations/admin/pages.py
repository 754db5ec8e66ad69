"""Addresses of the back office of policies, and what its pages say."""

import html
import re

from django.http import HttpResponse

HOME = "/admin/integrations/"
TRANSACTIONS = f"{HOME}tritontransaction/"
GROUPS = f"{TRANSACTIONS}groups/"


def of(row, way: str = "change") -> str:
    """A page of a row: its story, or one of its ways out."""
    return f"{HOME}{row._meta.model_name}/{row.pk}/{way}/"


def words(response: HttpResponse) -> str:
    """The page's text without markup, white space folded."""
    assert response.status_code == 200
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(text).split())


def form_of(response: HttpResponse, **said: str) -> dict[str, object]:
    """What a browser would post from a confirmation page, with the person's own words added."""
    fields: dict[str, object] = {"_tenant": response.context["request"].tenant.pk}
    for name, value in response.context.get("hidden") or []:
        fields.setdefault(name, []).append(value)  # type: ignore[attr-defined]
    return fields | said
