"""How states and outcomes are said and coloured in the back office."""

from typing import Any

# Label colours of unfold.
COLOURS = {
    "received": "info",
    "processing": "info",
    "blocked": "info",
    "completed": "success",
    "reconciling": "danger",
    "failed": "danger",
    "needs_attention": "danger",
    "closed": "",
    # What became of a step, or of a call.
    "ok": "success",
    "done": "success",
    "rejected": "danger",
    "refused": "danger",
    "unknown": "warning",
    "not_sent": "warning",
    "not_done": "info",
    "skipped": "",
    "under_way": "info",
    # Invoices.
    "found": "success",
    "pending": "warning",
    "given_up": "danger",
    "not_expected": "",
    "void": "",
    # Findings of a check.
    "wrong": "danger",
    "notice": "warning",
    "not asked": "info",
    # Environments.
    "on": "success",
    "paused": "danger",
    "IMS does not answer": "warning",
    "login refused": "danger",
    "not in use": "",
}
KINDS = {
    "bind": "bind",
    "unbind": "unbind",
    "issue": "issue",
    "midterm_endorsement": "midterm endorsement",
    "cancellation": "cancellation",
    "reinstatement": "reinstatement",
}
# The steps of integrations.saga.
STEPS = {
    "setup": "set-up",
    "store": "tell IMS of it",
    "existing": "look for a quote of it",
    "producer": "find the producer",
    "underwriter": "find the underwriter",
    "renewal": "find the policy it renews",
    "insured": "find or add the insured",
    "quote": "add submission and quote",
    "submission": "the submission's GUID",
    "external_id": "our id on the quote",
    "bound_before": "see whether IMS has bound it",
    "options": "quote options",
    "payload": "premium, dates and fees",
    "bind": "bind",
    "invoice": "look for the invoice",
    "issue": "issue",
    "invoice_again": "look for the invoice, second chance",
    "find": "find the bound quote",
    "unbind": "unbind",
    "latest": "find the latest quote",
    "premium": "the premium so far",
    "change": "add the quote of the change",
    "check": "check the premium",
}
_SPELT = {"ims": "IMS", "guid": "GUID", "zip": "ZIP", "pdf": "PDF", "tls": "TLS", "sql": "SQL"}


def said(word: Any) -> str:
    """``needs_attention`` as ``needs attention``; empty for nothing."""
    return " ".join(_SPELT.get(part, part) for part in str(word or "").split("_"))


def step(name: str) -> str:
    """What a step does, in words."""
    return STEPS.get(name) or said(name)


def colour(word: Any) -> str:
    return COLOURS.get(str(word), "")


def labelled(word: Any) -> Any:
    """A word for unfold's label: its key in COLOURS and what is shown."""
    return (str(word), said(word)) if word in COLOURS else (said(word) or None)
