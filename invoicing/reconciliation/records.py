"""What is compared: one document as they hold it, one invoice as we hold it, and what differs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Word(StrEnum):
    """What became of a document, as either side says it.

    ACCEPTED is cleared or reported where the other side does not say which; UNKNOWN is ours alone:
    it may have arrived, and nobody has answered.
    """

    CLEARED = "CLEARED"
    REPORTED = "REPORTED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_accepted(self) -> bool:
        return self in (Word.CLEARED, Word.REPORTED, Word.ACCEPTED)

    def agrees(self, other: "Word") -> bool:
        """Whether both say the same of its acceptance; cleared and reported are both accepted."""
        return self == other or (self.is_accepted and other.is_accepted)


class Kind(StrEnum):
    """What can differ; `sentences` says what each means and what to do next."""

    MISSING_AT_AUTHORITY = "missing_at_authority"
    UNKNOWN_HERE = "unknown_here"
    STATUS_DIFFERS = "status_differs"
    AMOUNT_DIFFERS = "amount_differs"
    HASH_DIFFERS = "hash_differs"
    DUPLICATE_NUMBER = "duplicate_number"
    DUPLICATE_UUID = "duplicate_uuid"
    SUPERSEDED_ACCEPTED = "superseded_accepted"
    ICV_GAP = "icv_gap"
    STILL_UNKNOWN = "still_unknown"
    TOO_OLD_TO_RESEND = "too_old_to_resend"


@dataclass(frozen=True, slots=True)
class Theirs:
    """One document as the authority holds it; empty or None is what it does not say.

    Amounts are two-decimal magnitudes, `vat` included in `total`. `csid` is the certificate's
    serial number in lower-case hex, `line` the line of the file it was read from.
    """

    number: str
    word: Word
    uuid: str = ""
    hash: str = ""
    icv: int | None = None
    csid: str = ""
    type_code: str = ""
    simplified: bool | None = None
    total: Decimal | None = None
    vat: Decimal | None = None
    currency: str = ""
    issued: date | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One sealed revision of an invoice of ours."""

    revision: int
    uuid: str
    hash: str
    word: Word
    total: Decimal | None
    vat: Decimal | None


@dataclass(frozen=True, slots=True)
class Ours:
    """One invoice of ours with every document that was sealed for it; `current` is a revision."""

    invoice_id: int
    number: str
    type_code: str
    simplified: bool
    currency: str
    current: int
    documents: tuple[Document, ...]

    @property
    def now(self) -> Document | None:
        """The document that counts now; None while the current revision is not sealed."""
        return next((item for item in self.documents if item.revision == self.current), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. `icv` and `last_icv` span a gap in the chain of `csid`."""

    kind: Kind
    number: str = ""
    uuid: str = ""
    invoice_id: int | None = None
    ours: str = ""
    theirs: str = ""
    our_total: Decimal | None = None
    their_total: Decimal | None = None
    our_vat: Decimal | None = None
    their_vat: Decimal | None = None
    our_hash: str = ""
    their_hash: str = ""
    csid: str = ""
    icv: int | None = None
    last_icv: int | None = None
    line: int = 0
