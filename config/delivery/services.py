"""The outbox: queue a letter in the caller's transaction, send it outside of any."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from config.attention.services import raise_attention, resolve_attention
from config.delivery import errors, gateways, selectors
from config.delivery.gateways import Fate, Handed
from config.delivery.letters import WRITERS
from config.delivery.models import MailMessage, MailState
from config.delivery.server import MailServer
from config.problems import Problem
from config.tenancy.models import Tenant
from config.work import wake

log = structlog.get_logger(__name__)

BATCH = 16
# Longer than a whole conversation that goes slowly; a letter whose worker died waits so long.
LEASE = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
# RFC 5321 §4.5.4.1: give up after four to five days.
GIVE_UP_AFTER = timedelta(days=5)
NO_SERVER = "mail_not_configured"


def queue_mail(
    *,
    tenant: Tenant,
    kind: str,
    subject: str,
    to: str,
    language: str,
    actor: str,
    parameters: Mapping[str, Any] | None = None,
) -> MailMessage:
    """Write a letter into the outbox; joins the caller's transaction, or commits once.

    It leaves after the commit, and is sent even where no server is configured yet: then it waits.
    """
    if kind not in WRITERS:
        raise LookupError(f"nobody writes letters of kind {kind!r}")
    with transaction.atomic():
        now = timezone.now()
        message = MailMessage.objects.create(
            tenant=tenant,
            kind=kind,
            subject=subject,
            to=to,
            language=language,
            parameters=dict(parameters or {}),
            actor=actor,
            message_id=f"<{uuid4().hex}@{_domain()}>",
            next_attempt_at=now,
            created_at=now,
            queued_at=now,
        )
        wake("deliver_mail")
    return message


def require_server() -> None:
    """Raise MailNotConfigured unless there is a server to hand mail to."""
    if settings.MAIL is None:
        raise errors.MailNotConfigured


def send_again(message: MailMessage) -> MailMessage:
    """FAILED → QUEUED, by a person's decision; commits once.

    The same Message-ID: it was never taken. Raises NotFailed, MailNotConfigured.
    """
    require_server()
    if message.state != MailState.FAILED:
        raise errors.NotFailed
    now = timezone.now()
    try:
        with transaction.atomic():
            message.move(MailState.QUEUED, next_attempt_at=now, queued_at=now)
            _answered(message, by="sent again")
            wake("deliver_mail")
    except errors.ChangedMeanwhile:
        raise errors.NotFailed from None
    return message


def deliver_due() -> int:
    """Send what is due, one letter after another; how many were handled (a chore).

    Commits per letter: claim; then, with the network between them, what became of it.
    """
    handled = 0
    server = settings.MAIL
    for message in MailMessage.objects.due(timezone.now()).select_related("tenant")[:BATCH]:
        if server is None:
            return _tell_that_mail_is_off()
        if _claim(message):
            _settle(message, _send(message, server))
            handled += 1
    return handled


def _tell_that_mail_is_off() -> int:
    waiting = MailMessage.objects.due(timezone.now()).order_by().values("tenant_id").distinct()
    for row in waiting:
        raise_attention(
            tenant_id=row["tenant_id"],
            kind=NO_SERVER,
            subject="mail",
            reason="Mail waits to be sent, and no mail server is configured.",
            next_action="Have an operator set MAIL_URL and MAIL_FROM.",
        )
    return 0


def _claim(message: MailMessage) -> bool:
    now = timezone.now()
    if message.state == MailState.SENDING:
        log.warning("mail_taken_up", mail=message.pk, attempts=message.attempts)
    try:
        with transaction.atomic(durable=True):
            message.move(
                MailState.SENDING,
                attempts=message.attempts + 1,
                lease_until=now + LEASE,
                next_attempt_at=None,
            )
    except errors.ChangedMeanwhile:
        return False
    return True


def _send(message: MailMessage, server: MailServer) -> Handed:
    try:
        writer = WRITERS.get(message.kind)
        if writer is None:
            raise errors.UnknownMail
        letter = writer(message)
    except Problem as problem:
        return Handed(Fate.NEVER, problem.code, problem.message)
    except OperationalError as busy:
        return Handed(Fate.LATER, "database_busy", str(busy))
    except Exception as bug:
        log.exception("mail_not_written", mail=message.pk, kind=message.kind)
        return Handed(Fate.NEVER, "internal_error", f"{type(bug).__name__}: {bug}")
    return gateways.hand_over(
        server,
        letter,
        to=message.to,
        message_id=message.message_id,
        sender_name=selectors.sender_name(message.tenant),
        reply_to=selectors.preferences_of(message.tenant).reply_to,
    )


def _settle(message: MailMessage, handed: Handed) -> None:
    """Write down what became of a letter; commits once. A claim that was lost changes nothing."""
    now = timezone.now()
    try:
        with transaction.atomic(durable=True):
            if handed.fate == Fate.TAKEN:
                message.move(
                    MailState.SENT, sent_at=now, lease_until=None, error_code="", error_message=""
                )
                _answered(message, by="sent")
            elif handed.fate == Fate.NEVER or now - message.queued_at > GIVE_UP_AFTER:
                _fail(message, handed)
            else:
                _put_back(message, handed, now)
    except errors.ChangedMeanwhile:
        log.warning("mail_lease_lost", mail=message.pk)


def _put_back(message: MailMessage, handed: Handed, now: datetime) -> None:
    message.move(
        MailState.QUEUED,
        lease_until=None,
        next_attempt_at=now + _pause(message.attempts),
        error_code=handed.code,
        error_message=handed.message,
    )
    if handed.fate == Fate.OURS:
        raise_attention(
            tenant_id=message.tenant_id,
            kind="mail_server_refuses_us",
            subject="mail",
            reason=f"The mail server refuses Daftar itself: {handed.message}",
            next_action="Have an operator look at MAIL_URL. The mail waits and is tried again.",
        )


def _fail(message: MailMessage, handed: Handed) -> None:
    message.move(
        MailState.FAILED,
        lease_until=None,
        error_code=handed.code,
        error_message=handed.message,
    )
    raise_attention(
        tenant_id=message.tenant_id,
        kind="mail_failed",
        subject=message.ref,
        reason=f"Mail about {message.subject} to {message.to} failed: {handed.message}",
        next_action="Correct the address and send it anew, or send it again as it is.",
    )


def _answered(message: MailMessage, *, by: str) -> None:
    resolve_attention(tenant_id=message.tenant_id, kind="mail_failed", subject=message.ref, by=by)
    if by == "sent":
        for kind in (NO_SERVER, "mail_server_refuses_us"):
            resolve_attention(tenant_id=message.tenant_id, kind=kind, subject="mail", by=by)


def _pause(attempts: int) -> timedelta:
    """1, 2, 4 … minutes, at most an hour, ±20 % so that a crowd does not come back as one."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311


def _domain() -> str:
    return settings.MAIL.sender.rpartition("@")[2] if settings.MAIL else "daftar.invalid"
