"""The types of transaction, however they are spelt."""

from enum import StrEnum

from integrations.triton.errors import Unfit


class TransactionType(StrEnum):
    BIND = "bind"
    UNBIND = "unbind"
    ISSUE = "issue"
    ENDORSEMENT = "midterm_endorsement"
    CANCELLATION = "cancellation"
    REINSTATEMENT = "reinstatement"


class Form(StrEnum):
    """The two shapes of a payload: one level, or account, producer and premium as objects."""

    FLAT = "flat"
    NESTED = "nested"


_OTHER_SPELLINGS = {
    "binding": TransactionType.BIND,
    "new": TransactionType.BIND,
    "new_business": TransactionType.BIND,
    "update": TransactionType.BIND,
    "endorsement": TransactionType.ENDORSEMENT,
    "cancelled": TransactionType.CANCELLATION,
}
ALIASES = {kind.value: kind for kind in TransactionType} | _OTHER_SPELLINGS


def transaction_type(text: str) -> TransactionType:
    """The type meant by `text`, whatever its case, blanks and hyphens. Raises Unfit."""
    word = "_".join(text.lower().replace("-", " ").replace("_", " ").split())
    try:
        return ALIASES[word]
    except KeyError:
        known = ", ".join(TransactionType)
        raise Unfit("unknown_type", f"The type must be one of {known}.") from None
