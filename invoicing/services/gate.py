"""The deep gate: the official rules on a draft, before a document costs an ICV (contracts 17)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from config.tenancy.models import DeepGate, Tenant
from invoicing import judge
from invoicing.models import Chain
from invoicing.services.documents import Payload
from invoicing.services.findings import gate_findings
from invoicing.zatca import sealing as zatca
from invoicing.zatca.documents import Document
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.signing import LocalSigner

# A late document is still owed to the authority; only its own verdict may call it late.
NEVER_BLOCKS = frozenset({"BR-KSA-98"})


class RefusedByGate(Exception):
    """The official rules refuse the draft; no ICV was taken. `findings` as revisions keep them."""

    def __init__(self, findings: Sequence[dict[str, Any]]) -> None:
        super().__init__(", ".join(finding["rule"] for finding in findings))
        self.findings = tuple(findings)


def mode_for(tenant: Tenant) -> DeepGate:
    """What the gate does for this tenant: its own choice, unless the whole house is without."""
    if not settings.ZATCA_DEEP_GATE or not judge.available():
        return DeepGate.OFF
    return DeepGate(tenant.deep_gate)


def pass_gate(
    tenant: Tenant, document: Document, chain: Chain, payload: Payload
) -> list[dict[str, Any]]:
    """Judge what `chain` would seal of `document`; writes nothing.

    Returns what the revision keeps as warnings, all of it under `warn` and nothing under `off`.
    Raises RefusedByGate under `block` for whatever the official rules find, warnings included.
    """
    mode = mode_for(tenant)
    if mode == DeepGate.OFF:
        return []
    found = gate_findings(_verdict(document, chain), payload)
    if found and mode == DeepGate.BLOCK:
        # Whatever the rule file calls it, here it refuses.
        raise RefusedByGate([{**finding, "severity": "error"} for finding in found])
    return [{**finding, "severity": "warning"} for finding in found]


def _verdict(document: Document, chain: Chain) -> list[judge.RuleFinding]:
    """Seal a draft over placeholder ICV and PIH, have it judged, throw it away."""
    now = timezone.now()
    sealed = zatca.seal(
        document,
        icv=1,
        pih=FIRST_PIH,
        signer=LocalSigner(chain.private_key()),
        certificate=chain.certificate(),
        signed_at=now,
    )
    verdict = judge.official_verdict(sealed.xml, evaluated_at=now, previous_hash=FIRST_PIH)
    return [finding for finding in verdict.findings if finding.rule not in NEVER_BLOCKS]
