"""The background chore of the outbox (config.work)."""

from config.delivery import services
from config.work import Chore

CHORES = (
    # Apart: a mail server that hangs must not hold up the invoices.
    Chore(
        "deliver_mail",
        services.deliver_due,
        every=30,
        urgent=True,
        batch=services.BATCH,
        apart=True,
    ),
)
