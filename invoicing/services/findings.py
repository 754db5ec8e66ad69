"""What the official rules say, told in the caller's terms: the field, and both languages."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from invoicing.judge import RuleFinding
from invoicing.services.documents import Payload
from invoicing.zatca.rules.official import Entry, entry_for

WITHOUT_CODE = Entry(None, "ZATCA gave no code.", "رسالة من الهيئة دون رمز.")
_STEP = re.compile(r"(InvoiceLine|AllowanceCharge)\[(\d+)\]")


def gate_findings(found: Iterable[RuleFinding], payload: Payload) -> list[dict[str, Any]]:
    """The judge's findings on a draft of `payload`, each rule once for every field it is about.

    Our sentence stands as the message, the official one beside it.
    """
    told: dict[tuple[str, str | None], dict[str, Any]] = {}
    for finding in found:
        entry = entry_for(finding.rule)
        param = place(entry.param, finding.location, payload)
        told[finding.rule, param] = {
            "rule": finding.rule,
            "severity": finding.severity,
            "message": entry.message,
            "message_ar": entry.message_ar,
            "official": finding.message,
            "param": param,
            "category": finding.stage,
            "source": "gate",
        }
    # A breakdown repeats what was said of a line, and can say it of the list alone.
    precise = {rule for rule, param in told if param and "[" in param}
    return [
        item
        for (rule, param), item in told.items()
        if rule not in precise or not param or "[" in param or "." in param
    ]


def authority_words(code: str, message: str, payload: Payload | None) -> dict[str, Any]:
    """Field and Arabic sentence for a message of the authority's, whose own words stay."""
    entry = entry_for(code) if code else WITHOUT_CODE
    return {
        "message": message or entry.message,
        "message_ar": entry.message_ar,
        "param": place(entry.param, "", payload or {}),
    }


def place(template: str | None, location: str, payload: Payload) -> str | None:
    """The field of `payload` that a catalogue path means at a place of the document.

    ``line_items[].tax_rate`` at the third line is ``line_items[2].tax_rate``. Without a place it
    is the only item there is, else the list as a whole.
    """
    if template is None or "[]" not in template:
        return template
    head, _, field = template.partition("[]")
    item = _item(location, payload)
    if item is None:
        items = payload.get(head) or ()
        if len(items) != 1:
            return head
        item = f"{head}[0]"
    if item.endswith("discount"):
        return item
    if item.count("[") == 2:
        field = f".{field.rpartition('.')[2]}"  # the place names the inner list already
    elif "[]" in field:
        field = field.partition("[]")[0]
    return f"{item}{field}"


def _item(location: str, payload: Payload) -> str | None:
    """The request's item at a place of the document: a line, a prepayment, an allowance."""
    steps = {name: int(place) - 1 for name, place in _STEP.findall(location)}
    if "InvoiceLine" not in steps:
        if "AllowanceCharge" not in steps:
            return None
        return _adjustment(payload, steps["AllowanceCharge"], "total_discount")
    lines, at = payload.get("line_items", ()), steps["InvoiceLine"]
    if at >= len(lines):
        return f"prepayments[{at - len(lines)}]"
    # A price has an AllowanceCharge of its own, which is the line's price_discount.
    if "AllowanceCharge" in steps and "/Price[" not in location:
        inner = _adjustment(lines[at], steps["AllowanceCharge"], "discount")
        return f"line_items[{at}].{inner}"
    return f"line_items[{at}]"


def _adjustment(given: Payload, at: int, discount: str) -> str:
    """Allowances, charges, discount: the order in which a document lists them."""
    for name in ("allowances", "charges"):
        count = len(given.get(name, ()))
        if at < count:
            return f"{name}[{at}]"
        at -= count
    return discount


def not_repeated(
    ours: Iterable[Mapping[str, Any]], theirs: Iterable[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """The gate's warnings that the authority did not say itself."""
    said = {item.get("code") for item in theirs}
    return (item for item in ours if item.get("rule") not in said)
