"""Everything that one page tells about a transaction; reads only."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from typing import Any

from config.attention.models import Attention
from integrations import selectors
from integrations.admin.pretty import Text, pretty_json
from integrations.models import (
    IMSCall,
    PayloadVersion,
    ProcessingLog,
    SagaStep,
    TritonTransaction,
)
from integrations.saga.table import step_names


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline: a line of the log, or a step with its calls."""

    at: datetime
    log: ProcessingLog | None = None
    step: SagaStep | None = None
    facts: Sequence[tuple[str, str]] = ()
    calls: Sequence[IMSCall] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A payload, and what a person changed in the one before."""

    row: PayloadVersion
    shown: Text
    changes: list[tuple[str, str]]


def story(transaction: TritonTransaction) -> dict[str, Any]:
    """The context of the page. A dozen queries, none of which grows with the tenant."""
    calls = list(
        IMSCall.objects.filter(transaction=transaction).order_by("id").defer("request", "response")
    )
    versions = list(_versions(transaction))
    policy = transaction.policy
    return {
        "transaction": transaction,
        "policy": policy,
        "invoice": selectors.invoice_of(transaction),
        "timeline": timeline(transaction, calls),
        "calls": calls,
        "versions": versions,
        "payload": versions[0] if versions else None,
        "attention": Attention.objects.for_tenant(transaction.tenant)
        .open()
        .filter(subject__in=(transaction.subject, f"ims_group:{transaction.group_key}")),
        "siblings": policy.transactions.exclude(pk=transaction.pk).order_by(
            "transaction_date", "id"
        )[:50],
        "blocks": transaction.blocks.filter(status="blocked").order_by("id")[:50],
    }


def timeline(transaction: TritonTransaction, calls: Sequence[IMSCall]) -> list[Event]:
    """Log and steps as they came; a line that only repeats a step is left out."""
    of_step: dict[int | None, list[IMSCall]] = defaultdict(list)
    for call in calls:
        of_step[call.step_id].append(call)
    lines = transaction.logs.exclude(event__in=step_names(transaction.kind)).order_by("id")
    events = [Event(row.at, log=row) for row in lines]
    events += [
        Event(step.started_at, step=step, facts=_facts(step), calls=of_step[step.pk])
        for step in transaction.steps.order_by("id")
    ]
    return sorted(events, key=lambda event: event.at)


def _facts(step: SagaStep) -> list[tuple[str, str]]:
    """What the step brought that is worth a look."""
    found = []
    for name, value in step.result.items():
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        if value not in (None, "") and not isinstance(value, bool):
            found.append((name, str(value)))
    return found


def diff(before: Any, after: Any) -> list[tuple[str, str]]:
    """(tone, line) of what changed between two payloads, with a few lines around it."""
    lines = unified_diff(
        pretty_json(before).text.splitlines(),
        pretty_json(after).text.splitlines(),
        lineterm="",
        n=2,
    )
    tones = {"+": "added", "-": "removed", "@": "place"}
    # The first two name files.
    return [(tones.get(line[:1], "same"), line) for line in list(lines)[2:]]


def _versions(transaction: TritonTransaction) -> Iterator[Version]:
    rows = list(transaction.payloads.order_by("-number"))
    for place, row in enumerate(rows):
        before = rows[place + 1].payload if place + 1 < len(rows) else None
        changes = [] if before is None else diff(before, row.payload)
        yield Version(row, pretty_json(row.payload), changes)
