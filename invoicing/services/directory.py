"""Write down buyers and products; nobody deletes one, what is no longer used is deactivated."""

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from config.problems import FieldError
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.models import Buyer, Product

Row = TypeVar("Row", Buyer, Product)


def add_buyer(*, tenant: Tenant, **columns: object) -> Buyer:
    """Write a buyer down; commits once. Raises DirectoryInvalid with every field that is wrong."""
    return save_row(Buyer(tenant=tenant, **columns))


def add_product(*, tenant: Tenant, **columns: object) -> Product:
    """Write a product down; commits once. Raises DirectoryInvalid."""
    return save_row(Product(tenant=tenant, **columns))


def change_row(row: Row, **columns: object) -> Row:
    """Change a buyer or a product; documents keep what they were made from. Commits once.

    Raises DirectoryInvalid.
    """
    for name, value in columns.items():
        setattr(row, name, value)
    return save_row(row)


def save_row(row: Row) -> Row:
    """Write the row as it stands; commits once. Raises DirectoryInvalid."""
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ValidationError as refused:
        raise errors.DirectoryInvalid(errors=_field_errors(refused)) from None
    except IntegrityError:
        # Somebody took the code between the look and the write.
        raise errors.DirectoryInvalid(errors=[_taken(row)]) from None
    return row


ARABIC = {
    "unique": "القيمة مستخدمة من قبل.",
    "blank": "هذا الحقل مطلوب.",
    "invalid_number": "يجب إدخال رقم عشري صريح مثل 12.50.",
    "too_many_digits": "بحد أقصى 15 رقمًا، ستة منها بعد الفاصلة.",
    "unknown_country": "يجب إدخال حرفين من ISO 3166-1 مثل SA.",
    "tax_mismatch": "النسبة الأساسية 15 أو 5 ٪؛ وما عداها صفر مع رمز الإعفاء.",
    "exemption_code": "رمز الإعفاء لا يناسب فئة الضريبة.",
    "exemption_reason": "سبب الإعفاء يُذكر مع VATEX-SA-OOS فقط.",
    "id_incomplete": "رقم الهوية ونوعها يُذكران معًا.",
}
# A constraint over several fields is about the one that a person would change.
CONSTRAINED = {
    "code": ("code", "unique"),
    "ID number": ("id_scheme", "id_incomplete"),
    "Standard:": ("tax_rate", "tax_mismatch"),
}


def _field_errors(refused: ValidationError) -> list[FieldError]:
    return [
        _field_error(name, problem)
        for name, problems in refused.error_dict.items()
        for problem in problems
    ]


def _field_error(name: str, problem: ValidationError) -> FieldError:
    message = problem.messages[0]
    code = problem.code or name
    if name == "__all__":
        for words, found in CONSTRAINED.items():
            if words in message:
                name, code = found
    return FieldError(name, code, message, ARABIC.get(code, "القيمة غير صالحة."))


def _taken(row: Buyer | Product) -> FieldError:
    kind = row._meta.verbose_name
    return FieldError("code", "unique", f"Another {kind} has this code.", ARABIC["unique"])
