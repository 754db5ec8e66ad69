"""What is wrong with a payload: every field at once, in the sender's own names."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field` is the path in the payload as it was sent (`premium.annual_premium`).

    Codes: required, invalid_type, invalid_format, out_of_range, too_long, unknown_type,
    inconsistent.
    """

    field: str
    code: str
    message: str


class PayloadRefused(ValueError):
    """The payload is not a transaction that can be processed; `errors` says where and why."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in self.errors))


class Unfit(ValueError):
    """One value that cannot be read; whoever knows the field makes a FieldError of it."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
