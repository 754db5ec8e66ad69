"""Hold an environment of IMS back, by a person or because its login is refused; let it go on."""

from django.db import transaction
from django.utils import timezone

from config.attention.services import raise_attention, resolve_attention
from config.work import wake
from integrations import errors
from integrations.ims import IMSError, LoginRefused
from integrations.models import BY_CREDENTIALS, IMSEnvironment
from integrations.services import breakers

LOGIN_REFUSED = "ims_login_refused"


def pause(environment: IMSEnvironment, *, actor: str, reason: str) -> IMSEnvironment:
    """Call it no more until somebody resumes it; what runs ends its step. Commits once.

    Raises ReasonMissing, and EnvironmentHeld where it is paused already.
    """
    if not reason.strip():
        raise errors.ReasonMissing(param="reason")
    running = IMSEnvironment.objects.filter(pk=environment.pk, paused_at=None)
    if not running.update(paused_at=timezone.now(), paused_by=actor, paused_reason=reason.strip()):
        raise errors.EnvironmentHeld
    environment.refresh_from_db()
    return environment


def resume(environment: IMSEnvironment, *, actor: str) -> IMSEnvironment:
    """Let it be called again; what waits is due at once. Commits once. Raises EnvironmentHeld."""
    with transaction.atomic():
        held = IMSEnvironment.objects.filter(pk=environment.pk).exclude(paused_at=None)
        if not held.update(paused_at=None, paused_by="", paused_reason=""):
            raise errors.EnvironmentHeld
        resolve_attention(
            tenant_id=environment.tenant_id,
            kind=LOGIN_REFUSED,
            subject=environment.subject,
            by=actor,
        )
        wake("run_transactions")
    environment.refresh_from_db()
    return environment


def may_be_called(environment: IMSEnvironment) -> bool:
    """Whether IMS may be asked for something now, however old `environment` is as it was read: it
    is active, paused by nobody, and its breaker admits us (and commits as it does)."""
    is_open = IMSEnvironment.objects.open().filter(pk=environment.pk).exists()
    return is_open and breakers.admits(environment)


def note_trouble(environment: IMSEnvironment, error: Exception) -> None:
    """What a call outside of a run has met: a refused login holds the environment, a broken line
    counts. Commits once where either is so."""
    if isinstance(error, LoginRefused):
        hold_for_login(environment, error.message)
    elif isinstance(error, IMSError) and breakers.tells_of_an_outage(error):
        breakers.note_outage(environment, error.code)


def hold_for_login(environment: IMSEnvironment, message: str) -> None:
    """IMS refuses our login: knocking on would lock the user out. Commits once."""
    with transaction.atomic():
        running = IMSEnvironment.objects.filter(pk=environment.pk, paused_at=None)
        if not running.update(
            paused_at=timezone.now(), paused_by=BY_CREDENTIALS, paused_reason=message
        ):
            return
        raise_attention(
            tenant_id=environment.tenant_id,
            kind=LOGIN_REFUSED,
            subject=environment.subject,
            reason=f"IMS ({environment}) refuses our user name or password. Transactions wait.",
            next_action="Set the password that IMS's administrator hands out, then resume.",
        )
