"""The background chores of bulk work (config.work)."""

from config.jobs import services
from config.work import Chore

CHORES = (
    # Apart: an export takes minutes, and sending invoices must not wait for it.
    Chore("run_jobs", services.run_next, every=10, urgent=True, apart=True),
    Chore("prune_jobs", services.prune, every=3600),
)
