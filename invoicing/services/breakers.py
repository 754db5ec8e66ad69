"""The circuit breaker: while the authority does not answer, nobody knocks but one at a time.

Its state is one row per address, moved by compare-and-set, so that any number of processes share
it. Nothing here calls the network, and nothing is locked while somebody else does.
"""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from config.attention.models import Attention
from config.attention.services import raise_attention
from config.tenancy.models import Tenant
from config.work import wake
from invoicing import selectors, timing
from invoicing.models import Breaker, Invoice
from invoicing.zatca.client import Answer
from invoicing.zatca.outcomes import tells_of_an_outage

log = structlog.get_logger(__name__)

KIND = "zatca_not_answering"


def admits(environment: str) -> bool:
    """Whether a document may be sent there now without a person's asking.

    While the breaker is open: no; once its pause is over: to one caller at a time, whose call is
    the probe. Commits once where it makes the caller the probe.
    """
    now = timezone.now()
    row = _row(environment).first()
    if row is None or row.opened_at is None:
        return True
    free = Q(probe_until=None) | Q(probe_until__lte=now)
    to_probe = _row(environment).filter(free, opened_at=row.opened_at, open_until__lte=now)
    return bool(to_probe.update(probe_until=now + timing.probe()))


def note_answer(invoice: Invoice, answer: Answer, code: str) -> None:
    """Count what one call met: an answer closes the breaker, enough calls without one open it.

    Commits once where anything changes. Outside of the settling transaction: everybody's calls meet
    in this one row. A count that a crash loses is made good by the next call.
    """
    if not tells_of_an_outage(answer):
        _close(invoice.environment)
        return
    with transaction.atomic():
        Breaker.objects.get_or_create(address=_address(invoice.environment))
        if not _count(invoice, code):
            _prolong(invoice.environment)


def _count(invoice: Invoice, code: str) -> bool:
    """Count a failure of a closed breaker, and open it where it is one too many."""
    closed = _row(invoice.environment).filter(opened_at=None)
    another = closed.exclude(last_failed=invoice.pk)
    another.update(failures=F("failures") + 1, last_failed=invoice.pk, last_error=code)
    now, pause = timezone.now(), settings.ZATCA_BREAKER_PAUSE
    opened = closed.filter(failures__gte=settings.ZATCA_BREAKER_FAILURES).update(
        opened_at=now,
        open_until=now + timedelta(seconds=pause),
        pause_seconds=pause,
        probe_until=None,
    )
    if opened:
        _tell(invoice.environment, code)
    return bool(opened) or closed.exists()


def _prolong(environment: str) -> None:
    """A probe met nobody: twice the pause, up to a limit. Late calls of before change nothing."""
    now = timezone.now()
    probed = _row(environment).filter(open_until__lte=now).first()
    if probed is None:
        return
    pause = min(2 * probed.pause_seconds, timing.LONGEST_BREAK.seconds)
    _row(environment).filter(open_until=probed.open_until).update(
        open_until=now + timedelta(seconds=pause), pause_seconds=pause, probe_until=None
    )


def _close(environment: str) -> None:
    row = _row(environment).exclude(failures=0).first()
    if row is None:
        return
    with transaction.atomic():
        _row(environment).update(
            failures=0, last_failed=None, opened_at=None, open_until=None, probe_until=None
        )
        if row.opened_at is not None:
            log.info("zatca_answers_again", address=row.address, since=row.opened_at.isoformat())
            _open_alarms(environment).update(resolved_at=timezone.now(), resolved_by="settled")
            wake("send_due")


def _tell(environment: str, code: str) -> None:
    """One alarm for each tenant that sends there; this happens once in an outage."""
    concerned = Tenant.objects.filter(
        environment__in=selectors.environments_at(_address(environment)),
        egs_units__is_active=True,
    )
    for tenant in concerned.distinct().order_by("pk"):
        raise_attention(
            tenant_id=tenant.pk,
            kind=KIND,
            subject=f"authority:{tenant.environment}",
            reason=f"ZATCA does not answer ({code}). Documents are sealed and wait; one at a time "
            "is sent to see whether it is back.",
            next_action="Nothing, if it is ZATCA: sending goes on by itself. Otherwise see to "
            "network, proxy, DNS and clock.",
        )


def _open_alarms(environment: str) -> QuerySet[Attention]:
    concerned = selectors.environments_at(_address(environment))
    return Attention.objects.open().filter(
        kind=KIND, subject__in=[f"authority:{name}" for name in concerned]
    )


def _address(environment: str) -> str:
    return settings.ZATCA_URLS[environment]


def _row(environment: str) -> QuerySet[Breaker]:
    return Breaker.objects.filter(address=_address(environment))
