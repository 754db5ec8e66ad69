"""The circuit breaker of an environment: while IMS does not answer, nobody knocks but a probe.

Its state is columns of the environment's row, moved by compare-and-set, so that any number of
processes share it. A refusal of IMS's is an answer; only a broken line counts.
"""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from config.attention.services import raise_attention, resolve_attention
from config.work import wake
from integrations import timing
from integrations.errors import SetupMissing
from integrations.gateways import gateway_for
from integrations.ims import IMSError, LoginRefused
from integrations.models import IMSEnvironment

log = structlog.get_logger(__name__)

KIND = "ims_not_answering"
OUTAGE = frozenset(
    {
        "ims_unreachable",
        "ims_tls_failed",
        "ims_timeout",
        "ims_reset",
        "ims_unavailable",
        "ims_unreadable",
        "ims_wrong_address",
    }
)


def tells_of_an_outage(error: IMSError) -> bool:
    return error.code in OUTAGE


def admits(environment: IMSEnvironment) -> bool:
    """Whether IMS may be called. After the pause one caller logs in to see: that is the probe.

    Commits once for the probe's turn and once for what it met; the login is between them.
    """
    now = timezone.now()
    row = IMSEnvironment.objects.get(pk=environment.pk)
    if row.opened_at is None:
        return True
    free = Q(probe_until=None) | Q(probe_until__lte=now)
    to_probe = _row(environment).filter(free, opened_at=row.opened_at, open_until__lte=now)
    if not to_probe.update(probe_until=now + timing.PROBE):
        return False
    return _probe(row)


def _probe(environment: IMSEnvironment) -> bool:
    try:
        gateway_for(environment, context="probe", fresh_login=True).login()
    except LoginRefused:
        pass  # it answers; what it says is for the transaction's own login to meet
    except (IMSError, SetupMissing):
        until = timezone.now() + timedelta(seconds=settings.IMS_BREAKER_PAUSE)
        _row(environment).exclude(opened_at=None).update(open_until=until, probe_until=None)
        return False
    close(environment)
    return True


def note_outage(environment: IMSEnvironment, code: str) -> None:
    """Count a call that met nobody; enough of them in a row open the breaker. Commits once."""
    now, pause = timezone.now(), timedelta(seconds=settings.IMS_BREAKER_PAUSE)
    with transaction.atomic():
        closed = _row(environment).filter(opened_at=None)
        closed.update(failures=F("failures") + 1, last_error=code)
        opened = closed.filter(failures__gte=settings.IMS_BREAKER_FAILURES).update(
            opened_at=now, open_until=now + pause, probe_until=None
        )
        if opened:
            raise_attention(
                tenant_id=environment.tenant_id,
                kind=KIND,
                subject=environment.subject,
                reason=f"IMS ({environment}) does not answer ({code}). Transactions wait; a login "
                "now and then shows whether it is back.",
                next_action="Nothing, if it is IMS: work goes on by itself. Otherwise see to "
                "network, address, certificate and firewall.",
            )


def note_answer(environment: IMSEnvironment) -> None:
    """IMS answered, whatever it said. Commits once where something changes."""
    if _row(environment).exclude(failures=0, opened_at=None).exists():
        close(environment)


def close(environment: IMSEnvironment) -> None:
    """Let work go on. Commits once."""
    with transaction.atomic():
        opened = _row(environment).exclude(opened_at=None)
        if opened.update(opened_at=None, open_until=None, probe_until=None):
            log.info("ims_answers_again", environment=environment.name)
            resolve_attention(
                tenant_id=environment.tenant_id, kind=KIND, subject=environment.subject, by="IMS"
            )
            wake("run_transactions")
        _row(environment).update(failures=0, last_error="")


def _row(environment: IMSEnvironment):
    return IMSEnvironment.objects.filter(pk=environment.pk)
