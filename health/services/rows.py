"""Rows that people write down themselves (settings, accounts, masters): judged, kept, remembered.

Nobody deletes one: what is no longer used is switched off.
"""

from collections.abc import Iterable

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction

from config.problems import FieldError
from health.errors import InvalidRow
from health.models.tenanted import Tenanted
from health.services.history import Who, note_of

ARABIC = {
    "unique": "القيمة مستخدمة من قبل.",
    "blank": "هذا الحقل مطلوب.",
    "null": "هذا الحقل مطلوب.",
}


def write_row(row: Tenanted, who: Who, changed: Iterable[str], *, key: str) -> None:
    """Keep a new row, or what changed of one, with it in the history; joins the transaction.

    `key` is the column that no two of a tenant share. Raises InvalidRow with every field.
    """
    kind, names = row._meta.model_name or "", list(changed)
    known = type(row)._default_manager.filter(pk=row.pk) if row.pk else None
    before = known.values(*names).first() if known is not None and names else None
    try:
        row.full_clean()
        with transaction.atomic():
            row.save(update_fields=_written(row, names) if known is not None else None)
    except ValidationError as refused:
        raise InvalidRow(errors=list(_field_errors(refused, key))) from None
    except IntegrityError:
        # Somebody took the key between the look and the write.
        raise InvalidRow(errors=[_taken(key)]) from None
    after = type(row)._default_manager.filter(pk=row.pk).values(*names).first() if names else None
    if before != after:
        note_of(row, kind.upper(), "changed" if before else "created", who, before, after)


def _written(row: Tenanted, names: Iterable[str]) -> list[str]:
    """Only these, and when: what somebody else has changed since the row was read stays so."""
    is_dated = any(field.name == "updated_at" for field in row._meta.fields)
    return [*names, *(["updated_at"] if is_dated else [])]


def _field_errors(refused: ValidationError, key: str) -> Iterable[FieldError]:
    for name, problems in refused.error_dict.items():
        for problem in problems:
            if name == NON_FIELD_ERRORS:
                yield _taken(key)
            else:
                code = problem.code or "invalid"
                arabic = ARABIC.get(code, "القيمة غير صالحة.")
                yield FieldError(name, code, problem.messages[0], arabic)


def _taken(key: str) -> FieldError:
    return FieldError(key, "unique", "Another one has this already.", ARABIC["unique"])
