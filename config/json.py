"""JSON as Daftar reads, writes and stores it: strict in, exact out, one canonical text for hashing.

Numbers are Decimal or int, never float. What stock parsers let through and trip over later (nesting
bombs, duplicate keys, NUL, half surrogate pairs, exponents) is refused here with a code.
"""

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import IO, Any

import simplejson
from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer

from config.problems import InvalidRequest, Problem

MAX_DEPTH = 32
MAX_NUMBER_LENGTH = 100

# Closed or not: an unclosed one is json.loads' to refuse. Possessive repetition keeps the scan
# linear on bodies built to make it backtrack.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_UNFIT = re.compile("[\0\ud800-\udfff]")


class InvalidJSON(InvalidRequest):
    """The body is not JSON in UTF-8."""

    code = "invalid_json"
    message = "The body is not valid JSON."
    message_ar = "نص الطلب ليس JSON صالحًا."


class NotAnObject(InvalidRequest):
    code = "json_not_an_object"
    message = "The body must be one JSON object."
    message_ar = "يجب أن يكون نص الطلب كائن JSON واحدًا."


class TooDeep(InvalidRequest):
    code = "json_too_deep"
    message = f"The body nests deeper than {MAX_DEPTH} levels."
    message_ar = f"يتجاوز تداخل نص الطلب {MAX_DEPTH} مستوى."


class DuplicateKey(InvalidRequest):
    """One object names a key twice: which of the two values is meant cannot be known."""

    code = "duplicate_key"
    message = "A key occurs twice in one object of the body."
    message_ar = "ورد مفتاح مرتين في كائن واحد من نص الطلب."


class UnreadableNumber(InvalidRequest):
    """NaN, Infinity, an exponent, or more characters than any amount has."""

    code = "invalid_number"
    message = "Numbers are written plainly: digits, at most one point, no exponent."
    message_ar = "تُكتب الأرقام صريحة: أرقام ونقطة عشرية واحدة على الأكثر دون أُس."


class UnfitText(InvalidRequest):
    code = "invalid_characters"
    message = "The body contains NUL or half of a surrogate pair."
    message_ar = "يحتوي نص الطلب على محرف NUL أو نصف زوج بديل."


class PayloadTooLarge(Problem):
    status, code = 413, "payload_too_large"
    message = "The body is larger than this service accepts."
    message_ar = "نص الطلب أكبر من الحد المسموح."


class StrictJSONParser(JSONParser):
    """The only parser of the API. An empty body is an empty object.

    Raises PayloadTooLarge or an InvalidRequest of this module, with `param` where it is known.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise PayloadTooLarge
        return parse_object(body) if body else {}


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; numbers come as int or Decimal with the digits as written."""
    # Before json.loads: afterwards is too late, its recursion has happened by then.
    if _nests_too_deep(body):
        raise TooDeep
    numbers = _Numbers()
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_int=numbers.whole,
            parse_float=numbers.fraction,
            parse_constant=numbers.constant,
            object_pairs_hook=_unique,
        )
    except UnicodeDecodeError:
        raise InvalidJSON(
            "The body is not UTF-8.", message_ar="نص الطلب ليس بترميز UTF-8."
        ) from None
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise InvalidJSON(
            f"The body is not valid JSON: {where}.",
            message_ar=f"نص الطلب ليس JSON صالحًا: السطر {error.lineno}، العمود {error.colno}.",
        ) from None
    for problem in numbers.refused[:1]:
        problem.param = _UNFIT.sub("", next(_places(problem, value), ""))[:100] or None
        raise problem
    if not isinstance(value, dict):
        raise NotAnObject
    # Only an escape can bring in what UTF-8 and the JSON grammar forbid as plain text.
    if b"\\u" in body and (path := next(_unfit(value), None)) is not None:
        raise UnfitText(param=path or None)
    return value


def _nests_too_deep(body: bytes) -> bool:
    depth = 0
    for bracket in _STRING.sub(b"", body).translate(None, _NO_BRACKET):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


class _Numbers:
    """Reads number literals; a refusal stands in its number's place until the path is known."""

    def __init__(self) -> None:
        self.refused: list[UnreadableNumber] = []

    def whole(self, literal: str) -> int | UnreadableNumber:
        return int(literal) if len(literal) <= MAX_NUMBER_LENGTH else self._refuse()

    def fraction(self, literal: str) -> Decimal | UnreadableNumber:
        if len(literal) > MAX_NUMBER_LENGTH or "e" in literal.lower():
            return self._refuse()
        return Decimal(literal)

    def constant(self, literal: str) -> UnreadableNumber:
        return self._refuse(f"{literal} is not a JSON number.")

    def _refuse(self, message: str | None = None) -> UnreadableNumber:
        self.refused.append(UnreadableNumber(message))
        return self.refused[-1]


def _places(wanted: Any, value: Any, path: str = "") -> Iterator[str]:
    """The paths in `value`, a parsed body, at which `wanted` itself stands."""
    if value is wanted and path:
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _places(wanted, item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(wanted, item, f"{path}[{index}]")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise DuplicateKey(param=_UNFIT.sub("", key)[:100])
    return found


def _unfit(value: Any, path: str = "") -> Iterator[str]:
    """The paths of texts with NUL or lone surrogates; of a bad key, its object's path."""
    if isinstance(value, str):
        if _UNFIT.search(value):
            yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            if _UNFIT.search(key):
                yield path
            else:
                yield from _unfit(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unfit(item, f"{path}[{index}]")


class ExactJSONRenderer(BaseRenderer):
    """Answers in JSON: amounts with exactly the stored digits, instants in UTC, whole seconds, `Z`.

    A float, a naive datetime or NaN in an answer is a bug and raises.
    """

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else _dumps(data, default=_outgoing).encode()


def plain(value: Decimal) -> str:
    """The digits of `value` as stored, without exponent, and zero without a minus sign."""
    if not value.is_finite():
        raise ValueError(f"{value} cannot be written as an amount.")
    return format(value if value else value.copy_abs(), "f")


def instant(value: dt.datetime) -> str:
    """An aware datetime as UTC text in whole seconds, as in ``2024-01-31T09:00:00Z``."""
    if value.tzinfo is None:
        raise ValueError("A datetime without time zone is not an instant.")
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical(value: Any) -> str:
    """The one JSON text of `value`: keys sorted by code point, no spaces, UTF-8 unescaped.

    Decimals keep their digits (1.5 and 1.50 differ: they are different documents once signed), are
    written without exponent, and minus zero is zero. Datetimes with a zone are written in UTC.
    Raises TypeError for floats and for anything else that has no exact JSON form.
    """
    return _dumps(value, default=_stored, sort_keys=True)


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _dumps(value: Any, **options: Any) -> str:
    _refuse_floats(value)
    return simplejson.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        encoding=None,
        separators=(",", ":"),
        # Its own Decimal support writes 1E+3 as such; `default` writes them plainly instead.
        use_decimal=False,
        namedtuple_as_object=False,
        **options,
    )


def _refuse_floats(value: Any) -> None:
    # The encoder writes floats itself and asks nobody.
    if isinstance(value, float):
        raise TypeError("A float has no exact JSON form; amounts are Decimal.")
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for item in value:
        _refuse_floats(item)


def _outgoing(value: Any) -> Any:
    return instant(value) if isinstance(value, dt.datetime) else _exact(value)


def _stored(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
        return utc.isoformat() + ("Z" if value.tzinfo else "")
    return _exact(value)


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return simplejson.RawJSON(plain(value))
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, uuid.UUID | Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no exact JSON form.")


def sanitised(value: Any, depth: int = 2 * MAX_DEPTH) -> Any:
    """A copy of a partner's JSON that both databases take; the raw bytes are kept elsewhere.

    NUL and lone surrogates are dropped from texts and keys, floats become Decimals (NaN and
    infinity null), and what nests deeper than `depth` becomes null.
    """
    if isinstance(value, str):
        return _UNFIT.sub("", value)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, dict | list | tuple) and depth == 0:
        return None
    if isinstance(value, dict):
        return {_UNFIT.sub("", str(k)): sanitised(v, depth - 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [sanitised(item, depth - 1) for item in value]
    return value


class JSONTextField(models.TextField):
    """An object or list kept as canonical JSON text: the bytes that are hashed are the bytes kept.

    A JSON column would not do: PostgreSQL's jsonb reorders keys and refuses NUL. Numbers come back
    as int or Decimal.
    """

    description = "Canonical JSON text"
    # What django-stubs lets be assigned and read.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> str | None:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if not isinstance(value, dict | list):
            raise TypeError(f"JSON text holds an object or a list, not {type(value).__name__}.")
        return canonical(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(value, parse_float=Decimal)

    def to_python(self, value: Any) -> Any:
        return json.loads(value, parse_float=Decimal) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else canonical(value)
