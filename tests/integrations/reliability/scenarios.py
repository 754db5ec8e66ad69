"""One transaction, one trouble, and what there must be in IMS afterwards.

Every scenario has a policy and an insured of its own, so that what it made is the difference.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.failpoints import POINTS
from integrations.models import InvoiceStatus, Kind, TritonTransaction
from integrations.saga.table import SAGAS
from integrations.sandbox import books
from integrations.sandbox.knobs import Mishap
from integrations.services.invoices import look_for_due
from integrations.services.running import run
from tests.integrations.conftest import Desk
from tests.integrations.payloads import START, nested_transaction, transaction
from tests.integrations.reliability.deaths import runs_and_dies
from tests.integrations.saga.recovery import ENDED, let_time_pass, work_until_ended

BOUND = {"insured": 1, "submission": 1, "quote": 1, "policy": 1, "invoice": 1}
# What each type makes in IMS, once. `renewal` renews a policy that IMS has, the invoice of `late`
# comes with the second chance, that of `later` in the background.
EFFECT = {
    "bind": BOUND,
    "issue": {},
    "unbind": {"policy": -1},
    "endorsement": {"quote": 1, "endorsement": 1, "invoice": 1},
    "cancellation": {"quote": 1, "cancellation": 1, "invoice": 1},
    "reinstatement": {"quote": 1, "reinstatement": 1, "invoice": 1},
    "renewal": BOUND,
    "late": BOUND,
    "later": BOUND,
    "nested bind": BOUND,
    "nested endorsement": {"quote": 1, "endorsement": 1, "invoice": 1},
    "nested cancellation": {"quote": 1, "cancellation": 1, "invoice": 1},
    "nested reinstatement": {"quote": 1, "reinstatement": 1, "invoice": 1},
}
BEFORE = {
    "bind": (),
    "renewal": (),
    "late": (),
    "later": (),
    "nested bind": (),
    "reinstatement": ("bind", "cancellation"),
    "nested reinstatement": ("bind", "cancellation"),
}
BINDS = ("bind", "renewal", "late", "later", "nested bind")
INVOICE_AFTER = {"late": 4, "later": 8}
OLD = 1_000_000
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
    "renewal": ("spGetQuoteByExpiringPolicyNumber", "AddQuoteWithSubmission", "BindQuote"),
    "late": ("ryan_rptInvoice", "ryan_rptInvoice:4", "IssuePolicy"),
    "later": ("ryan_rptInvoice:7", "ryan_rptInvoice:8"),
    "nested bind": ("spGetQuoteByPolicyNumber", "AddQuoteWithSubmission", "BindQuote"),
    "nested endorsement": ("Triton_ProcessFlatEndorsement", "BindQuote"),
    "nested cancellation": ("Triton_ProcessFlatCancellation", "BindQuote"),
    "nested reinstatement": ("Triton_ProcessFlatReinstatement", "BindQuote"),
}  # fmt: skip
# Where a variant's process is killed; that of a plain type at every step.
KILLED = {
    "renewal": ("renewal", "quote", "bind"),
    "late": ("invoice", "issue", "invoice_again"),
    "later": ("invoice", "invoice_again"),
    "nested bind": ("existing", "quote", "bind"),
    "nested endorsement": ("latest", "change", "check", "bind"),
    "nested cancellation": ("latest", "change", "bind"),
    "nested reinstatement": ("latest", "change", "bind"),
}
# What changes something, and the look-up after an answer that was lost (the n-th such call).
MADE_BY = {
    "endorsement": "Triton_ProcessFlatEndorsement",
    "cancellation": "Triton_ProcessFlatCancellation",
    "reinstatement": "Triton_ProcessFlatReinstatement",
}
LOOK_UPS = {
    "bind": {
        "AddInsuredWithLocation": "FindInsuredByName:2",
        "AddQuoteWithSubmission": "GetInsuredPolicyInfo",
        "BindQuote": "spCheckQuoteBoundStatus",
    },
    "unbind": {"Triton_UnbindPolicy": "spCheckQuoteBoundStatus"},
} | {
    kind: {made: "spGetLatestQuoteByOpportunityID:2", "BindQuote": "spCheckQuoteBoundStatus"}
    for kind, made in MADE_BY.items()
}
LOSSES = ("drop_before", "drop_after", "hang")
BROKEN_LOOKS = ("drop_before", "html_503", "expire_token", "fault")


@dataclass(frozen=True, slots=True)
class Scenario:
    """`trouble` is a failpoint (point/step), mishaps of the stand-in (mishap@operation:nth, several
    with + between them), or `foreign`: the answer was lost, and other hands made a change."""

    kind: str
    trouble: str

    def __str__(self) -> str:
        return f"{self.kind} {self.trouble}"

    @property
    def saga(self) -> Kind:
        if self.kind in BINDS:
            return Kind.BIND
        word = self.kind.removeprefix("nested ")
        return Kind.ENDORSEMENT if word == "endorsement" else Kind(word)


def all_kills() -> Iterator[Scenario]:
    for kind in EFFECT:
        steps = KILLED.get(kind) or [step.name for step in SAGAS[Scenario(kind, "").saga]]
        for step in steps:
            for point in POINTS:
                yield Scenario(kind, f"{point}/{step}")


def all_mishaps(kinds: tuple[str, ...]) -> Iterator[Scenario]:
    for kind, names in ASKED.items():
        for name in names:
            for mishap in kinds:
                yield Scenario(kind, f"{mishap}@{name}")


def all_broken_looks() -> Iterator[Scenario]:
    """The answer is lost, and so is that of the look-up after it; or other hands were faster."""
    for kind, looks in LOOK_UPS.items():
        for made, look in looks.items():
            for lost in LOSSES:
                for broken in BROKEN_LOOKS:
                    yield Scenario(kind, f"{lost}@{made}+{broken}@{look}")
    for kind, made in MADE_BY.items():
        for broken in ("drop_before", "html_503", "expire_token"):
            yield Scenario(kind, f"drop_after@{made}+{broken}@GetPolicyInformation")
        yield Scenario(kind, "foreign")


def play(desk: Desk, scenario: Scenario, number: int) -> list[str]:
    """Have the trouble, recover, and say what is wrong afterwards; nothing where all is well."""
    for kind in BEFORE.get(scenario.kind, ("bind",)):
        _arrange(desk, kind, number)
    if scenario.kind == "renewal":
        _arrange(desk, "bind", number + OLD)
    before = Counter(desk.ims.counts())
    row = desk.take_in(body_of(scenario.kind, number)).transaction
    desk.ims.knobs.turn({"invoice_after": INVOICE_AFTER.get(scenario.kind, 0)})
    if scenario.trouble == "foreign":
        return list(_foreign(desk, scenario, row, before))
    met = _trouble(desk, scenario, row)
    recover(row)
    desk.ims.knobs.clear()
    desk.ims.knobs.turn({"invoice_after": 0})
    row.refresh_from_db()
    return list(_complaints(desk, scenario, row, before, met=met))


def _arrange(desk: Desk, kind: str, number: int) -> None:
    arranged = run(desk.take_in(body_of(kind, number)).transaction)
    assert arranged.status == "completed", (kind, arranged.status, arranged.error)


def body_of(kind: str, number: int) -> dict[str, Any]:
    """The payload of a type, for the policy of this number."""
    policy = {"policy_number": f"P-{number}"}
    insured = f"Insured {number} LLC"
    word = kind.removeprefix("nested ")
    if word != kind:
        return _nested(word, insured, policy)
    own: dict[str, Any] = policy | {"opportunity_id": number}
    if kind in BINDS:
        own["insured_name"] = insured
        if kind == "renewal":
            own |= {"opportunity_type": "Renewal", "expiring_policy_number": f"P-{number + OLD}"}
        return transaction("bind", **own)
    if kind == "endorsement":
        own["midterm_endt_id"] = number
    return transaction(kind, **own)


def _nested(word: str, insured: str, policy: dict[str, Any]) -> dict[str, Any]:
    day = f"{START + timedelta(days=30)}"
    if word == "bind":
        body = nested_transaction(**policy, commission_percent=30)
    elif word == "endorsement":
        body = nested_transaction("midterm_endorsement", **policy)
        body["endorsement"]["effective_from"] = day
    elif word == "cancellation":
        body = nested_transaction(word, **policy, cancellation_date=day)
    else:
        body = nested_transaction(word, **policy)
    body["account"] = body["account"] | {"name": insured}
    return body


def _trouble(desk: Desk, scenario: Scenario, row: TritonTransaction) -> bool:
    if "@" not in scenario.trouble:
        return runs_and_dies(row, scenario.trouble)
    knobs = [_knob(desk, words) for words in scenario.trouble.split("+")]
    run(row)
    if len(knobs) > 1 or scenario.kind == "later":
        recover(row)  # the later call may be the worker's
    desk.ims.knobs.clear()
    return all(knob.seen >= knob.nth for knob in knobs)


def _knob(desk: Desk, words: str) -> Mishap:
    mishap, _, name = words.partition("@")
    operation, _, nth = name.partition(":")
    text = {"text": "Something nobody has seen."} if mishap == "fault" else {}
    return desk.ims.knobs.add(mishap, operation, nth=int(nth or 1), seconds=0.1, **text)


def recover(row: TritonTransaction) -> None:
    """Let leases end and the worker work, until the invoice is there too."""
    row.refresh_from_db()
    if row.status not in ENDED:
        let_time_pass()
        work_until_ended()
    look_until_found(row)


def look_until_found(row: TritonTransaction) -> None:
    for _ in range(10):
        row = TritonTransaction.objects.get(pk=row.pk)
        if not hasattr(row, "invoice") or row.invoice.status != InvoiceStatus.PENDING:
            return
        let_time_pass(days=1)
        look_for_due()


def _foreign(
    desk: Desk, scenario: Scenario, row: TritonTransaction, before: Counter[str]
) -> Iterator[str]:
    """Ours never came to IMS; theirs must not be bound as if it were ours."""
    for words in (f"drop_before@{MADE_BY[scenario.kind]}",
                  "drop_before@spGetLatestQuoteByOpportunityID:2"):  # fmt: skip
        _knob(desk, words)
    run(row)
    desk.ims.knobs.clear()
    store = desk.ims.store
    with store.transaction():
        last = store.all("quote")[-1]
        letter = scenario.kind[0].upper()
        theirs = books.follow(store, last, letter, last["effective"], books.money(777), "By hand")
    recover(row)
    row.refresh_from_db()
    if (row.status, row.reason_code) != ("reconciling", "change_unproved"):
        yield f"{scenario}: it is {row.status}: {row.reason_code} {row.error}"
    if row.quote_guid is not None or (store.get("quote", theirs["guid"]) or {})["bound"]:
        yield f"{scenario}: the quote of other hands was taken for ours"
    difference = _difference(desk, before)
    if difference != {"quote": 1, scenario.kind: 1}:
        yield f"{scenario}: IMS has {difference}"


def _difference(desk: Desk, before: Counter[str]) -> dict[str, int]:
    made = Counter(desk.ims.counts())
    made.subtract(before)
    return {name: count for name, count in made.items() if count}


def _complaints(
    desk: Desk, scenario: Scenario, row: TritonTransaction, before: Counter[str], *, met: bool
) -> Iterator[str]:
    if row.status != "completed":
        yield f"{scenario}: it is {row.status}: {row.reason_code} {row.error}"
    difference = _difference(desk, before)
    if difference != EFFECT[scenario.kind]:
        yield f"{scenario}: IMS has {difference}"
    yield from _of_the_books(desk, scenario)
    if scenario.kind == "renewal" and row.expiring_quote_guid is None:
        yield f"{scenario}: it is not linked with the policy that expires"
    if not met and not _may_be_skipped(scenario):
        yield f"{scenario}: the trouble was never met"


def _of_the_books(desk: Desk, scenario: Scenario) -> Iterator[str]:
    """Every invoice of the newest policy is IMS's own, and none is missed."""
    row = TritonTransaction.objects.order_by("-id").first()
    assert row is not None
    in_ims = {str(held["number"]): held for held in desk.ims.store.all("invoice")}
    for invoice in row.policy.invoices.exclude(status=InvoiceStatus.VOID):
        held = in_ims.get(invoice.invoice_number or "")
        if held is None or held["quote"] != str(invoice.quote_guid):
            yield f"{scenario}: an invoice is {invoice.status}, {invoice.invoice_number}"
        elif books.money(held["premium"]) != invoice.premium:
            yield f"{scenario}: an invoice is of {invoice.premium}, in IMS of {held['premium']}"
    cancelled = row.policy.cancelled_at is not None
    if cancelled != (scenario.saga == Kind.CANCELLATION):
        yield f"{scenario}: the policy is {'' if cancelled else 'not '}cancelled"


def _may_be_skipped(scenario: Scenario) -> bool:
    """Steps that this way through the saga does not take."""
    step = scenario.trouble.partition("/")[2]
    skipped = {"bound_before"}  # for a quote that a person named
    if scenario.kind not in INVOICE_AFTER:
        skipped.add("invoice_again")
    if scenario.kind != "renewal":
        skipped.add("renewal")
    if scenario.saga not in (Kind.BIND, Kind.ISSUE, Kind.UNBIND):
        skipped.add("options")  # the procedure names the option
    return step in skipped
