"""Triton's transactions: payloads of both forms read into one frozen record, or refused by field.

Pure: no Django, no input or output.
"""

from integrations.triton.errors import FieldError, PayloadRefused
from integrations.triton.kinds import ALIASES, Form, TransactionType, transaction_type
from integrations.triton.preflight import Limits, preflight
from integrations.triton.reading import read_transaction
from integrations.triton.sending import payload_for_ims
from integrations.triton.transaction import Transaction

__all__ = [
    "ALIASES",
    "FieldError",
    "Form",
    "Limits",
    "PayloadRefused",
    "Transaction",
    "TransactionType",
    "payload_for_ims",
    "preflight",
    "read_transaction",
    "transaction_type",
]
