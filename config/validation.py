"""From a serializer's complaints to field errors in two languages, with the caller's own paths."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from config.problems import Bilingual, FieldError

# Codes of Django and DRF; {} takes the numbers of the English sentence in their order.
_ARABIC = {
    "required": "هذا الحقل مطلوب.",
    "null": "لا يجوز أن يكون هذا الحقل فارغًا (null).",
    "blank": "لا يجوز أن يكون هذا الحقل فارغًا.",
    "empty": "لا يجوز أن تكون هذه القائمة فارغة.",
    "invalid": "القيمة غير صالحة.",
    "invalid_choice": "القيمة ليست من الخيارات المتاحة.",
    "not_a_list": "يجب أن تكون القيمة قائمة.",
    "not_a_dict": "يجب أن تكون القيمة كائنًا.",
    "max_length": "يجب ألا يتجاوز الطول {}.",
    "min_length": "يجب ألا يقل الطول عن {}.",
    "max_value": "يجب ألا تزيد القيمة على {}.",
    "min_value": "يجب ألا تقل القيمة عن {}.",
    "max_string_length": "القيمة طويلة جدًا.",
    "date": "يجب أن تكون القيمة تاريخًا دون وقت.",
    "datetime": "يجب أن تكون القيمة تاريخًا دون وقت.",
    "make_aware": "هذا الوقت غير موجود في المنطقة الزمنية.",
    "overflow": "التاريخ خارج النطاق.",
    "does_not_exist": "السجل المشار إليه غير موجود.",
    "unique": "القيمة مستخدمة من قبل.",
    "null_characters_not_allowed": "لا يجوز استخدام محرف NUL.",
    "surrogate_characters_not_allowed": "لا يجوز استخدام نصف زوج بديل.",
}


def refusal(code: str, message: str, message_ar: str) -> ValidationError:
    """What a serializer field or `validate` raises to be heard in both languages."""
    return ValidationError(message, code=Bilingual(code, message_ar))


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """Every complaint in a ValidationError's `detail`, in order, as ``line_items[2].tax_rate``."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from field_errors(inner, _step(path, key))
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            # A list of texts is about the field itself, a list of objects about its items.
            inside = isinstance(inner, Mapping | list | tuple)
            yield from field_errors(inner, f"{path}[{index}]" if inside else path)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield FieldError(path, str(code), str(detail), _arabic(code, str(detail)))


def _step(path: str, key: Any) -> str:
    if key in (api_settings.NON_FIELD_ERRORS_KEY, "__all__"):
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _arabic(code: str, english: str) -> str:
    if isinstance(code, Bilingual):
        return code.arabic
    sentence = _ARABIC.get(code, _ARABIC["invalid"])
    numbers = re.findall(r"-?\d+(?:\.\d+)?", english)
    return sentence.format(*numbers) if len(numbers) >= sentence.count("{}") else _ARABIC["invalid"]
