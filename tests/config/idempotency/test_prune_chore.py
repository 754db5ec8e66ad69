"""Old keys go by themselves: the worker prunes what is older than seven days."""

import datetime as dt

import time_machine
from django.utils import timezone

from config.idempotency.models import IdempotencyKey
from config.work import CHORES


def test_the_worker_prunes_old_keys(till):
    for days, key in ((6, "six"), (8, "eight")):
        with time_machine.travel(timezone.now() - dt.timedelta(days=days)):
            till.post(key=key)

    assert CHORES["prune_idempotency_keys"].run() == 1
    assert IdempotencyKey.objects.get().key == "six"
