"""A soft limit on signing in, shared by the API and the admin.

Counted in the database, so that it holds across processes, and before the password is checked, so
that guesses sent side by side count too. The address is the peer's: X-Forwarded-For can be written
by anybody. Behind a proxy that is one address for all, and the limit is per name.
"""

from datetime import timedelta
from hashlib import sha256
from math import ceil

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from config.tenancy.errors import TooManyAttempts
from config.tenancy.models import LoginAttempts

WINDOW = timedelta(minutes=15)
# Settings may say LOGIN_ATTEMPTS_ALLOWED; this is the number otherwise.
ALLOWED = 10


def count_attempt(username: str, address: str) -> None:
    """Count one attempt; TooManyAttempts with the seconds to wait once there were too many.

    The window begins with the first attempt and is not prolonged by the refused ones. Commits.
    """
    now = timezone.now()
    LoginAttempts.objects.filter(since__lte=now - WINDOW).delete()
    mine = LoginAttempts.objects.filter(who=_who(username, address))
    LoginAttempts.objects.get_or_create(who=_who(username, address), defaults={"since": now})
    mine.update(count=F("count") + 1)
    attempts = mine.first()
    # None: a success beside us has just begun the count anew.
    if attempts and attempts.count > getattr(settings, "LOGIN_ATTEMPTS_ALLOWED", ALLOWED):
        left = attempts.since + WINDOW - now
        raise TooManyAttempts(retry_after=max(1, ceil(left.total_seconds())))


def forget_attempts(username: str, address: str) -> None:
    """After a success the count begins anew."""
    LoginAttempts.objects.filter(who=_who(username, address)).delete()


def _who(username: str, address: str) -> str:
    return sha256(f"{address}\n{username.casefold()}".encode()).hexdigest()
