"""What one attempt came to, in one shape, whoever says it: the authority, the gate, ourselves."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from config.json import sanitised
from config.problems import Problem
from invoicing.models import FailureClass, Invoice, InvoiceStatus, Reached, ZatcaStatus
from invoicing.services.documents import Payload
from invoicing.services.findings import authority_words
from invoicing.zatca.answers import Message
from invoicing.zatca.client import Answer
from invoicing.zatca.outcomes import Next, Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """The columns of an attempt and of its invoice that follow from its end."""

    status: str
    zatca_status: str
    reached: str
    failure_class: str = ""
    code: str = ""
    message: str = ""
    next: Next = Next.DONE
    findings: tuple[Mapping[str, Any], ...] = ()
    cleared_xml: bytes | None = None
    cleared_difference: str = ""
    retry_after: int | None = None
    http_status: int | None = None
    event: str = ""
    body: bytes | None = None
    answer: Any = None
    elapsed: float = 0.0


def answered(answer: Answer, outcome: Outcome, payload: Payload | None = None) -> Verdict:
    """The authority's answer, read by the outcome table; fields are those of `payload`."""
    accepted = outcome.status == InvoiceStatus.CLEARED
    findings = tuple(
        sanitised(_told(message, severity, payload))
        for severity, messages in (("error", outcome.errors), ("warning", outcome.warnings))
        for message in messages
    )
    told = "; ".join(
        f"{item['code']}: {item['message']}" for item in findings if item["severity"] == "error"
    )
    return Verdict(
        status=outcome.status,
        zatca_status=outcome.zatca_status,
        reached=outcome.reached.value,
        failure_class=outcome.failure_class.value,
        code=outcome.code,
        message="" if accepted else told or outcome.message,
        next=outcome.next,
        findings=findings,
        cleared_xml=outcome.cleared_xml,
        retry_after=outcome.retry_after,
        http_status=answer.http_status,
        event=answer.event.value,
        body=answer.body,
        answer=readable(answer.body),
        elapsed=answer.elapsed,
    )


def _told(message: Message, severity: str, payload: Payload | None) -> dict[str, Any]:
    words = authority_words(message.code, message.message, payload)
    return {**asdict(message), **words, "severity": severity, "source": "zatca"}


def refused_by_gate(invoice: Invoice, findings: Iterable[dict[str, Any]]) -> Verdict:
    """A refusal by the official rules before anything was sent."""
    told = tuple(findings)
    return Verdict(
        status=InvoiceStatus.REJECTED,
        zatca_status=(
            ZatcaStatus.NOT_REPORTED if invoice.is_simplified else ZatcaStatus.NOT_CLEARED
        ),
        reached=Reached.NO,
        code="refused_by_rules",
        message="; ".join(f"{item['rule']}: {item['message']}" for item in told),
        next=Next.REVISE,
        findings=told,
    )


def not_sealed(problem: Problem) -> Verdict:
    """A claimed document that the unit cannot seal now."""
    return Verdict(
        status=InvoiceStatus.FAILED,
        zatca_status=ZatcaStatus.UNKNOWN,
        reached=Reached.NO,
        failure_class=FailureClass.CONFIGURATION,
        code=problem.code,
        message=problem.message,
        next=Next.ALARM,
    )


def broken(bug: Exception, *, left_the_house: bool) -> Verdict:
    """An exception of our own."""
    return Verdict(
        status=InvoiceStatus.FAILED,
        zatca_status=ZatcaStatus.UNKNOWN,
        reached=Reached.MAYBE if left_the_house else Reached.NO,
        failure_class=FailureClass.BUG,
        code="internal_error",
        message=f"{type(bug).__name__}: {bug}",
        next=Next.ALARM,
    )


def interrupted() -> Verdict:
    """A claim whose lease ran out: its process died or hung."""
    return Verdict(
        status=InvoiceStatus.FAILED,
        zatca_status=ZatcaStatus.UNKNOWN,
        reached=Reached.MAYBE,
        failure_class=FailureClass.UNKNOWN_OUTCOME,
        code="interrupted",
        message="The process that was sending the document ended before its answer came. "
        "The same bytes will be sent again.",
        next=Next.RESEND,
    )


def readable(body: bytes) -> Any:
    """The partner's JSON as both databases take it, or None; the raw bytes are kept elsewhere."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    cleaned = sanitised(value)
    return cleaned if isinstance(cleaned, dict | list) else None
