"""What create would make of a request, found out by the same steps and leaving nothing behind."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from config.problems import FieldError, InvalidRequest, Problem
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.models import Phase
from invoicing.services import crediting, drafting, numbering
from invoicing.services.documents import Payload, number_of, with_uuid
from invoicing.services.drafting import Draft
from invoicing.services.duplicates import Fate, content_of, fate_of, known
from invoicing.services.gate import RefusedByGate, pass_gate
from invoicing.services.submission import gate_notices
from invoicing.zatca.totals import Totals

Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How create would answer now: its HTTP status and a code, with sentences where it refuses.

    `existing` is the row that has the number, as an error names it.
    """

    http_status: int
    code: str
    message: str = ""
    message_ar: str = ""
    existing: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The judgement on one request. `totals` are None where the document cannot be computed."""

    invoice_number: str | None
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    create: Foreseen
    totals: Totals | None = None
    egs_unit: str | None = None

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with the request itself; a taken number is no fault of it."""
        return not self.errors


def validate_invoice(*, tenant: Tenant, payload: Payload) -> Assessment:
    """Judge a request as create would: request rules, unit, deep gate, and its number.

    Commits nothing, sends nothing, takes no ICV. Never raises for what create would refuse: every
    refusal is an error of the assessment.
    """
    number, foreseen = _foreseen(tenant, payload)
    try:
        draft = drafting.draft(tenant, payload)
        crediting.check_balance(
            tenant,
            payload,
            draft.amounts.tax_inclusive,
            draft.document.currency,
            instead_of=known(tenant, payload),
        )
        warned = pass_draft(tenant, draft)
    except RefusedByGate as refusal:
        refused = Foreseen(foreseen.http_status, "refused_by_rules", existing=foreseen.existing)
        found = tuple(_as_item(finding) for finding in refusal.findings)
        notices = [asdict(notice) for notice in draft.notices]
        create = refused if _would_judge(foreseen) else foreseen
        return _assessed(draft, number, found, notices, create)
    except Problem as problem:
        return _refused(number, problem, foreseen)
    notices = [asdict(notice) for notice in (*draft.notices, *_notices(tenant, draft))]
    return _assessed(draft, number, (), [*map(_as_item, warned), *notices], foreseen)


def refused_request(number: str | None, found: Sequence[FieldError]) -> Assessment:
    """The assessment of a request that does not even fit the schema."""
    return _refused(number, InvalidRequest(errors=found), Foreseen(201, "created"))


def _foreseen(tenant: Tenant, payload: Payload) -> tuple[str | None, Foreseen]:
    """What the number alone decides (contracts 10); a series would give a new one."""
    if "invoice_number" not in payload:
        try:
            numbering.require_series(tenant)
        except Problem as missing:
            return None, _as_foreseen(missing, None)
        return None, Foreseen(201, "created")
    number = number_of(payload)
    invoice = known(tenant, payload)
    if invoice is None:
        return number, Foreseen(201, "created")
    existing = errors.existing(invoice)
    try:
        fate = fate_of(invoice, payload, content_of(payload))
    except Problem as conflict:
        return number, _as_foreseen(conflict, existing)
    return number, Foreseen(200, fate.value, existing=existing)


def _would_judge(foreseen: Foreseen) -> bool:
    """Whether create gets as far as judging what the request says."""
    return foreseen.code in ("created", Fate.RESUMED, Fate.REVISED)


def pass_draft(tenant: Tenant, draft: Draft) -> list[dict[str, Any]]:
    """The gate's warnings on a draft; Phase 1 has no gate. Raises RefusedByGate, UnitNotReady."""
    if draft.phase == Phase.PHASE_1 or draft.unit is None:
        return []
    chain = drafting.require_sealing(draft.unit, simplified=draft.document.simplified)
    return pass_gate(tenant, with_uuid(draft.document, uuid4()), chain, draft.payload)


def _notices(tenant: Tenant, draft: Draft) -> tuple[drafting.Notice, ...]:
    return gate_notices(tenant) if draft.phase == Phase.PHASE_2 else ()


def _refused(number: str | None, problem: Problem, foreseen: Foreseen) -> Assessment:
    fields = problem.errors or (
        FieldError(problem.param or "", problem.code, problem.message, problem.message_ar),
    )
    create = foreseen
    if _would_judge(foreseen):
        create = _as_foreseen(problem, foreseen.existing)
    found = tuple({**asdict(field), "source": "request"} for field in fields)
    return Assessment(number, found, (), create)


def _as_foreseen(problem: Problem, existing: Mapping[str, Any] | None) -> Foreseen:
    return Foreseen(problem.status, problem.code, problem.message, problem.message_ar, existing)


def _assessed(
    draft: Draft,
    number: str | None,
    found: tuple[Finding, ...],
    warned: Sequence[Finding],
    create: Foreseen,
) -> Assessment:
    return Assessment(
        invoice_number=number,
        errors=found,
        warnings=tuple({"source": "daftar", **item} for item in warned),
        create=create,
        totals=draft.amounts,
        egs_unit=draft.unit.name if draft.unit else None,
    )


def _as_item(finding: Finding) -> dict[str, Any]:
    """A finding of the gate in the shape of a field error."""
    return {
        "param": finding["param"],
        "code": "rule_violated",
        "message": finding["message"],
        "message_ar": finding["message_ar"],
        "rule": finding["rule"],
        "source": "gate",
    }
