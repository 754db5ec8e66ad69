"""Fill in the entry form as a browser would, and read what it shows."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from invoicing.entry.sheet import Box, Group, Row, Sheet
from tests.invoicing.admin.pages import INVOICES

ENTER = f"{INVOICES}enter/"


def correct(invoice) -> str:
    return f"{INVOICES}{invoice.pk}/correct/"


def note(invoice, kind: str = "381") -> str:
    return f"{INVOICES}{invoice.pk}/note/{kind}/"


def boxes(sheet: Sheet) -> dict[str, Box]:
    """Every input of the form by its name."""
    return {box.name: box for section in sheet.sections for box in _boxes(section)}


def _boxes(holder: Any) -> list[Box]:
    found = [*holder.boxes, *getattr(holder, "more", ())]
    groups: tuple[Group, ...] = holder.groups
    rows: list[Row] = [row for group in groups for row in group.rows]
    return found + [box for row in rows for box in _boxes(row)]


def written(page: HttpResponse) -> dict[str, str]:
    """What a browser would post from the form as it stands."""
    sheet = page.context["sheet"]
    shown = {name: box.value for name, box in boxes(sheet).items() if box.value and not box.fixed}
    hidden = {"token": page.context["token"], "seen": page.context["task"].seen}
    return {
        "_tenant": str(page.context["request"].tenant.pk),
        **dict(sheet.carried),
        **shown,
        **hidden,
    }


def fill(browser: Client, address: str, do: str, **changes: str | None) -> HttpResponse:
    """Open the form, change inputs (``__`` stands for a path in `changes["paths"]`), and go on."""
    page = browser.get(address)
    assert page.status_code == 200
    said = written(page) | changes.pop("paths", {})  # type: ignore[operator]
    said |= {"do": do, **changes}
    return browser.post(address, {name: text for name, text in said.items() if text is not None})


def send(browser: Client, address: str, **changes: Any) -> HttpResponse:
    """Through the review to the end; what the story page then says."""
    reason = changes.pop("reason", None)
    page = fill(browser, address, "review", **changes)
    assert page.templates[0].name.endswith("review.html"), found(page)
    said = dict(page.context["hidden"]) | {"seen": page.context["seen"], "do": "send"}
    said["_tenant"] = str(page.context["request"].tenant.pk)
    if reason:
        said["reason"] = reason
    return browser.post(address, said, follow=True)


def found(page: HttpResponse) -> dict[str, list[str]]:
    """What is said beside each field; under "" what is said at the top."""
    sheet = page.context["sheet"]
    beside = {
        name: [e.code for e in box.errors] for name, box in boxes(sheet).items() if box.errors
    }
    return beside | ({"": [error.code for error in sheet.top]} if sheet.top else {})
