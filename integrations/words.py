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


def said(word: Any) -> str:
    """``needs_attention`` as ``needs attention``; empty for nothing."""
    return str(word or "").replace("_", " ")


def colour(word: Any) -> str:
    return COLOURS.get(str(word), "")


def labelled(word: Any) -> Any:
    """A word for unfold's label: its key in COLOURS and what is shown."""
    return (str(word), said(word)) if word in COLOURS else (said(word) or None)
