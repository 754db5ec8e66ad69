"""A dry run: what would be sent for a transaction, and what is missing. Reads only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from config.tenancy.models import Tenant
from integrations.errors import SetupMissing
from integrations.gateways import gateway_for
from integrations.ims import IMSError
from integrations.models import IMSPolicy, Kind, Source, TritonTransaction
from integrations.saga import binding, changes, insureds, parties, quoting
from integrations.saga.parts import Context, Done, Stop, text
from integrations.saga.setup import commissions, line_for, with_aliases
from integrations.saga.table import step_names
from integrations.services import duplicates, policies
from integrations.services.reading import PLAIN, columns_of, read, source_of, warnings_for
from integrations.triton import Transaction, payload_for_ims

_CHANGE = {"latest": changes.latest}
READS: Mapping[Kind, Mapping[str, Callable[[Context], Done]]] = {
    Kind.BIND: {
        "existing": quoting.existing,
        "producer": parties.producer,
        "underwriter": parties.underwriter,
    },
    Kind.ISSUE: {"find": binding.bound_quote},
    Kind.UNBIND: {"find": binding.latest_bound},
    Kind.ENDORSEMENT: _CHANGE,
    Kind.CANCELLATION: _CHANGE,
    Kind.REINSTATEMENT: _CHANGE,
}


@dataclass(frozen=True, slots=True)
class DryRun:
    """`payload` is what IMS's procedures would read, `found` the GUIDs that look-ups brought,
    `missing` what would stop it, `warnings` what would not."""

    transaction_type: str
    steps: tuple[str, ...]
    payload: str
    found: dict[str, str | None]
    missing: list[dict[str, str]]
    warnings: list[dict[str, str]]


def dry_run(tenant: Tenant, source_name: str, body: Mapping[str, Any]) -> DryRun:
    """What a transaction would meet, asked of IMS without changing anything; nothing is stored
    but the calls. Raises UnknownSource, PayloadInvalid, and what services.duplicates refuses."""
    source = source_of(tenant, source_name)
    said = read(body, PLAIN)
    policy = policies.known(source, said) or IMSPolicy(tenant=source.tenant, source=source)
    duplicates.refuse(source, said, policy)
    kind = Kind(said.transaction_type)
    found: dict[str, str | None] = {}
    missing: list[dict[str, str]] = []
    looks: list[tuple[str, Callable[[Context], Done]]] = [*READS[kind].items()]
    if kind == Kind.BIND:
        looks = [("set_up", _check_set_up), *looks, ("insured", _find_insured)]
    try:
        context = _context(source, said, policy)
    except SetupMissing as trouble:
        missing.append({"code": trouble.code, "message": trouble.message})
        looks = []
    for name, look in looks:
        try:
            done = look(context)
        except (Stop, SetupMissing, IMSError) as trouble:
            missing.append({"code": trouble.code, "message": trouble.message})
            continue
        said = context.said
        _put(context.transaction, done)
        found |= {f"{name}.{key}": _plain(value) for key, value in done.result.items()}
    return DryRun(
        transaction_type=kind,
        steps=step_names(kind),
        payload=payload_for_ims(said),
        found=found,
        missing=missing,
        warnings=warnings_for(source, said, policy),
    )


def _context(source: Source, said: Transaction, policy: IMSPolicy) -> Context:
    environment = source.environment
    row = TritonTransaction(
        tenant=source.tenant,
        source=source,
        policy=policy,
        transaction_id=said.transaction_id,
        kind=Kind(said.transaction_type),
        **columns_of(said),
    )
    gateway = gateway_for(environment, context=f"dry run {said.transaction_id}")
    said = with_aliases(environment, said)
    return Context(row, policy, source, environment, said, gateway)


def _check_set_up(context: Context) -> Done:
    """Raises SetupMissing where line or commission are not set up."""
    line = line_for(context.environment, context.said)
    company, producer = commissions(line, context.said)
    rates = {"company_commission": company, "producer_commission": producer}
    return Done(result={"line": line.name, **rates})


def _find_insured(context: Context) -> Done:
    return Done(result={"insured_guid": text(insureds.find(context))})


def _put(row: TritonTransaction, done: Done) -> None:
    for name, value in done.changes.items():
        setattr(row, name, value)


def _plain(value: object) -> str | None:
    return None if value is None else str(value)
