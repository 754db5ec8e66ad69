"""A payload becomes a transaction, or all that is wrong with it."""

from collections.abc import Mapping
from typing import Any

from integrations.triton.errors import FieldError, PayloadRefused, Unfit
from integrations.triton.fields import FIELDS, Field, form_of, look_up
from integrations.triton.kinds import Form, TransactionType, transaction_type
from integrations.triton.rules import disagreements, missing
from integrations.triton.transaction import Transaction
from integrations.triton.values import flag, is_absent

OBJECTS = ("account", "producer", "program", "underwriter", "premium", "endorsement")


def read_transaction(payload: Mapping[str, Any], *, type_in_path: str | None = None) -> Transaction:
    """The transaction in `payload` (parsed JSON; numbers as int or Decimal).

    `type_in_path` is the type of an address like /transaction/{type}, for a payload that names
    none. Unknown fields are left alone. Raises PayloadRefused with every field that is wrong.
    """
    form = form_of(payload)
    errors = [_not_an_object(name) for name in OBJECTS if _is_odd(payload, form, name)]
    kind = _kind(payload, type_in_path, errors)
    found: dict[str, Any] = {}
    refused: set[str] = set()
    for field in FIELDS:
        try:
            _read(field, payload, form, found)
        except _Refused as error:
            refused.add(field.name)
            if error.error not in errors:  # state and insured_state of one nested account
                errors.append(error.error)
    if kind is None:
        raise PayloadRefused(errors)
    if form is Form.NESTED:
        _fold(payload, found, errors)
    if found.get("opportunity_type", "").lower() == "renewal":
        found["is_renewal"] = True
    if "cancellation_type" in found:
        found["cancellation_type"] = found["cancellation_type"].lower()
    errors += missing(found, kind, form, refused)
    if errors:
        raise PayloadRefused(errors)
    transaction = Transaction(form=form, transaction_type=kind, **found)
    errors += disagreements(transaction)
    if errors:
        raise PayloadRefused(errors)
    return transaction


class _Refused(Exception):
    def __init__(self, error: FieldError) -> None:
        self.error = error


def _kind(
    payload: Mapping[str, Any], in_path: str | None, errors: list[FieldError]
) -> TransactionType | None:
    given = payload.get("transaction_type")
    named = in_path if is_absent(given) else given
    if named is None:
        errors.append(FieldError("transaction_type", "required", "transaction_type is required."))
    elif not isinstance(named, str):
        errors.append(FieldError("transaction_type", "invalid_type", "Text is expected."))
    else:
        try:
            return transaction_type(named)
        except Unfit as unfit:
            errors.append(FieldError("transaction_type", unfit.code, str(unfit)))
    return None


def _read(field: Field, payload: Mapping[str, Any], form: Form, found: dict[str, Any]) -> None:
    for path in field.paths(form):
        value = look_up(payload, path)
        if is_absent(value):
            continue
        try:
            read = field.read(value)
        except Unfit as unfit:
            raise _Refused(FieldError(path, unfit.code, str(unfit))) from None
        if field.longest and len(read) > field.longest:
            sentence = f"At most {field.longest} characters are taken."
            raise _Refused(FieldError(path, "too_long", sentence))
        found[field.name] = read
        return


def _fold(payload: Mapping[str, Any], found: dict[str, Any], errors: list[FieldError]) -> None:
    """What the nested form says in several places."""
    if "producer_name" not in found:
        names = (look_up(payload, f"producer.{part}_name") for part in ("first", "last"))
        name = " ".join(" ".join(name.split()) for name in names if isinstance(name, str))
        if name.strip():
            found["producer_name"] = name.strip()
    if _flag(payload, "endorsement.credit", errors) and "midterm_endt_premium" in found:
        found["midterm_endt_premium"] = -found["midterm_endt_premium"]
    flat_cancel = _flag(payload, "flat_cancel", errors)
    if flat_cancel is not None and "cancellation_type" not in found:
        found["cancellation_type"] = "flat" if flat_cancel else "earned"


def _flag(payload: Mapping[str, Any], path: str, errors: list[FieldError]) -> bool | None:
    value = look_up(payload, path)
    if is_absent(value):
        return None
    try:
        return flag(value)
    except Unfit as unfit:
        errors.append(FieldError(path, unfit.code, str(unfit)))
        return None


def _is_odd(payload: Mapping[str, Any], form: Form, name: str) -> bool:
    value = payload.get(name)
    return form is Form.NESTED and value is not None and not isinstance(value, Mapping)


def _not_an_object(name: str) -> FieldError:
    return FieldError(name, "invalid_type", "An object is expected.")
