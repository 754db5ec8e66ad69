"""The background chore of idempotency keys (config.work)."""

from django.utils import timezone

from config.idempotency.services import prune
from config.work import Chore


def prune_keys() -> int:
    """Delete the keys and answers that are older than seven days."""
    return prune(timezone.now())


CHORES = (Chore("prune_idempotency_keys", prune_keys, every=3600),)
