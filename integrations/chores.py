"""The background chores of integrations (config.work)."""

from config.work import Chore
from integrations.services import invoices, running

CHORES: tuple[Chore, ...] = (
    Chore(
        "run_transactions",
        running.work_due,
        every=10,
        urgent=True,
        batch=running.BATCH,
        apart=True,
    ),
    # Of its own, too: an IMS that hangs must not keep the brief chores waiting.
    Chore("look_for_ims_invoices", invoices.look_for_due, every=30, apart=True),
)
