"""How runs are broken off, and how time goes by afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import F

from integrations import failpoints
from integrations.models import (
    FINAL,
    STUCK,
    IMSEnvironment,
    IMSInvoice,
    KnownInsured,
    SagaStep,
    TritonTransaction,
)
from integrations.sandbox import SandboxIMS
from integrations.services.invoices import look_for_due
from integrations.services.running import work_due

ENDED = (*FINAL, *STUCK)
# Everything IMS is asked for on the way of a policy through all its transactions.
LIFE = ("bind", "endorsement", "cancellation", "reinstatement")
ONE_OF_EACH = {
    "insured": 1,
    "submission": 1,
    "invoice": 4,
    "quote": 4,
    "policy": 1,
    "endorsement": 1,
    "cancellation": 1,
    "reinstatement": 1,
}


class Killed(BaseException):
    """The power goes: nothing of ours runs any more in this run."""


@contextmanager
def killed_once_at_each(point: str) -> Iterator[list[str]]:
    """Every step's first passing of `point` ends its run; the steps that were met."""
    met: list[str] = []

    def listener(here: str, step: str) -> None:
        if here == point and step not in met:
            met.append(step)
            raise Killed

    failpoints.listen(listener)
    try:
        yield met
    finally:
        failpoints.listen(None)


def let_time_pass(**interval: float) -> None:
    """Move leases, due times and whatever else is counted from into the past."""
    by = timedelta(**(interval or {"minutes": 20}))
    TritonTransaction.objects.update(
        next_run_at=F("next_run_at") - by, lease_until=F("lease_until") - by
    )
    IMSInvoice.objects.update(next_look_at=F("next_look_at") - by)
    IMSEnvironment.objects.update(
        open_until=F("open_until") - by, probe_until=F("probe_until") - by
    )
    KnownInsured.objects.update(asked_at=F("asked_at") - by, held_until=F("held_until") - by)


def work_until_ended(rounds: int = 60) -> None:
    """Be the worker, killed as often as it may be, until nothing is left to do."""
    for _ in range(rounds):
        try:
            work_due()
            look_for_due()
        except Killed:
            pass
        if not TritonTransaction.objects.exclude(status__in=ENDED).exists():
            return
        let_time_pass()


def drop_once(ims: SandboxIMS, kind: str, *, names: tuple[str, ...]) -> None:
    """Each of these operations and procedures meets one mishap, at its first call."""
    for name in names:
        ims.knobs.add(kind, name)


def states() -> list[tuple[str, str, str]]:
    rows = TritonTransaction.objects.order_by("id")
    return [(row.kind, row.status, row.reason_code) for row in rows]


def outcomes(row: TritonTransaction, step: str) -> list[str]:
    return [s.outcome for s in SagaStep.objects.filter(transaction=row, step=step).order_by("id")]
