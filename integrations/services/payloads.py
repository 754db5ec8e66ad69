"""A stored payload as the transaction it is."""

from integrations.models import TritonTransaction
from integrations.triton import Transaction, read_transaction


def said_by(row: TritonTransaction) -> Transaction:
    """What the current version of the payload says. It was read before it was stored."""
    return read_transaction(row.current.payload, type_in_path=row.kind)
