"""The lines that tell what happened to a transaction."""

import structlog

from integrations.models import ProcessingLog, TritonTransaction

log = structlog.get_logger("integrations")


def note(transaction: TritonTransaction, event: str, message: str = "", *, actor: str) -> None:
    """Write one line as the transaction stands now; joins the caller's transaction."""
    ProcessingLog.objects.create(
        transaction=transaction,
        status=transaction.status,
        ims_status=transaction.ims_status,
        event=event,
        message=message,
        actor=actor,
    )
