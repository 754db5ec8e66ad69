"""What no constraint can say about the laboratory's books, as triggers on both engines."""

from health.triggers import documents, ledger

TRIGGERS = (*ledger.TRIGGERS, *documents.TRIGGERS)
