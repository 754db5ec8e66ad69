"""One transaction, one trouble, and what there must be in IMS afterwards.

Every scenario has a policy and an insured of its own, so that what it made is the difference.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from integrations.failpoints import POINTS
from integrations.models import Kind, TritonTransaction
from integrations.saga.table import SAGAS
from integrations.services.running import run
from tests.integrations.conftest import Desk
from tests.integrations.reliability.deaths import runs_and_dies
from tests.integrations.saga.recovery import ENDED, let_time_pass, work_until_ended

# What each type makes in IMS, once.
EFFECT = {
    "bind": {"insured": 1, "submission": 1, "quote": 1, "policy": 1, "invoice": 1},
    "issue": {},
    "unbind": {"policy": -1},
    "endorsement": {"quote": 1, "endorsement": 1, "invoice": 1},
    "cancellation": {"quote": 1, "cancellation": 1, "invoice": 1},
    "reinstatement": {"quote": 1, "reinstatement": 1, "invoice": 1},
}
BEFORE = {"bind": (), "reinstatement": ("bind", "cancellation")}
KINDS = {"endorsement": Kind.ENDORSEMENT}
# What each type asks of IMS beyond the log-in, in order.
ASKED = {
    "bind": (
        "spStoreTritonTransaction", "spGetQuoteByOpportunityID", "spGetQuoteByPolicyNumber",
        "getProducerGuid", "getUserbyName", "FindInsuredByName", "AddInsuredWithLocation",
        "AddQuoteWithSubmission", "GetSubmissionGroupGuidFromQuoteGuid", "UpdateExternalQuoteId",
        "AutoAddQuoteOptions", "spProcessTritonPayload", "BindQuote", "ryan_rptInvoice",
        "IssuePolicy",
    ),
    "issue": ("spStoreTritonTransaction", "IssuePolicy"),
    "unbind": (
        "spStoreTritonTransaction", "spGetLatestQuoteByOpportunityID", "Triton_UnbindPolicy",
    ),
    "endorsement": (
        "spStoreTritonTransaction", "spGetLatestQuoteByOpportunityID", "spGetPolicyPremiumTotal",
        "Triton_ProcessFlatEndorsement", "spProcessTritonPayload", "BindQuote", "ryan_rptInvoice",
    ),
    "cancellation": (
        "spStoreTritonTransaction", "spGetLatestQuoteByOpportunityID",
        "Triton_ProcessFlatCancellation", "spProcessTritonPayload", "BindQuote",
        "ryan_rptInvoice",
    ),
    "reinstatement": (
        "spStoreTritonTransaction", "spGetLatestQuoteByOpportunityID",
        "Triton_ProcessFlatReinstatement", "spProcessTritonPayload", "BindQuote",
        "ryan_rptInvoice",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """`trouble` is a failpoint (point/step) or a mishap of the stand-in (mishap@operation)."""

    kind: str
    trouble: str

    def __str__(self) -> str:
        return f"{self.kind} {self.trouble}"


def all_kills() -> Iterator[Scenario]:
    for kind in EFFECT:
        for step in SAGAS[KINDS.get(kind, Kind(kind) if kind in Kind.values else Kind.BIND)]:
            for point in POINTS:
                yield Scenario(kind, f"{point}/{step.name}")


def all_mishaps(kinds: tuple[str, ...]) -> Iterator[Scenario]:
    for kind, names in ASKED.items():
        for name in names:
            for mishap in kinds:
                yield Scenario(kind, f"{mishap}@{name}")


def play(desk: Desk, scenario: Scenario, number: int) -> list[str]:
    """Have the trouble, recover, and say what is wrong afterwards; nothing where all is well."""
    names = {"opportunity_id": number, "policy_number": f"P-{number}"}
    insured = {"insured_name": f"Insured {number} LLC"}
    extra = {"midterm_endt_id": number} if scenario.kind == "endorsement" else {}
    for kind in BEFORE.get(scenario.kind, ("bind",)):
        arranged = desk.post(kind, **names, **(insured if kind == "bind" else {}))
        assert arranged.status == "completed", (kind, arranged.status, arranged.error)
    before = Counter(desk.ims.counts())
    extra |= insured if scenario.kind == "bind" else {}
    row = desk.receive(scenario.kind, **names, **extra).transaction
    met = _trouble(desk, scenario, row)
    recover(row)
    row.refresh_from_db()
    return list(_complaints(desk, scenario, row, before, met=met))


def _trouble(desk: Desk, scenario: Scenario, row: TritonTransaction) -> bool:
    mishap, _, operation = scenario.trouble.partition("@")
    if not operation:
        return runs_and_dies(row, scenario.trouble)
    knob = desk.ims.knobs.add(mishap, operation, seconds=0.1)
    run(row)
    desk.ims.knobs.clear()
    return knob.seen > 0


def recover(row: TritonTransaction, until: Callable[[], bool] | None = None) -> None:
    """Let leases end and the worker work."""
    row.refresh_from_db()
    if row.status not in ENDED:
        let_time_pass()
        work_until_ended()


def _complaints(
    desk: Desk, scenario: Scenario, row: TritonTransaction, before: Counter[str], *, met: bool
) -> Iterator[str]:
    made = Counter(desk.ims.counts())
    made.subtract(before)
    difference = {name: count for name, count in made.items() if count}
    if row.status != "completed":
        yield f"{scenario}: it is {row.status}: {row.reason_code} {row.error}"
    if difference != EFFECT[scenario.kind]:
        yield f"{scenario}: IMS has {difference}"
    if not met and not _may_be_skipped(scenario):
        yield f"{scenario}: the trouble was never met"


def _may_be_skipped(scenario: Scenario) -> bool:
    """Steps that this way through the saga does not take."""
    step = scenario.trouble.partition("/")[2]
    skipped = {"renewal", "invoice_again"}
    if scenario.kind in ("endorsement", "cancellation", "reinstatement"):
        skipped.add("options")  # the procedure names the option
    return step in skipped
