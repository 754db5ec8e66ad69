"""The results of IMS's operations as what they are; an unreadable one is an unknown outcome."""

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

from lxml import etree

from integrations.ims.calls import Caller
from integrations.ims.dataset import read_row
from integrations.ims.errors import OutcomeUnknown, Refused
from integrations.ims.rows import Row, read_guid

S = TypeVar("S")
T = TypeVar("T")
# A reader takes the text and the operation's name, and raises ValueError.
Reader = Callable[[str, str], T]


class Answers(Caller):
    """Calls whose result is an element, a list, a row or one value."""

    def _result(self, name: str, values: Mapping[str, Any]) -> etree._Element | None:
        return next(iter(elements(self.call(name, values))), None)

    def _list(self, name: str, values: Mapping[str, Any]) -> Sequence[etree._Element]:
        result = self._result(name, values)
        return elements(result) if result is not None else ()

    def _row(self, name: str, values: Mapping[str, Any]) -> Row:
        result = self._result(name, values)
        return read_row(result) if result is not None else Row({})

    def _scalar(
        self, name: str, values: Mapping[str, Any], read: Reader[T], *, empty: T | None = None
    ) -> T:
        """The text of the result, read; an empty one is unreadable unless `empty` stands for it."""
        result = self._result(name, values)
        text = "" if result is None else text_of(result)
        if not text.strip():
            if empty is None:
                raise unreadable(values.get("procedureName", name), "it is empty")
            return empty
        return self._read(name, as_it_is, text, read)

    def _guid(self, name: str, values: Mapping[str, Any]) -> UUID | None:
        return self._scalar(name, values, read_guid)

    def _new(self, name: str, values: Mapping[str, Any]) -> UUID:
        guid = self._guid(name, values)
        if guid is None:
            raise Refused(
                "IMS made nothing: it answered the zero GUID.",
                code="ims_returned_nothing",
                operation=name,
                http_status=200,
            )
        return guid

    def _flag(self, name: str, values: Mapping[str, Any]) -> bool:
        return self._scalar(name, values, flag)

    def _policy_number(self, name: str, values: Mapping[str, Any]) -> str:
        return self._scalar(name, values, as_it_is).strip()

    @staticmethod
    def _read(name: str, prepare: Callable[[S], Any], raw: S, read: Callable[[Any, str], T]) -> T:
        """`read(prepare(raw), name)`; what cannot be read leaves open what IMS did."""
        try:
            return read(prepare(raw), name)
        except ValueError as error:
            raise unreadable(name, str(error)) from None


def unreadable(name: str, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"IMS's answer cannot be read: {why}",
        code="ims_unreadable",
        operation=name,
        http_status=200,
    )


def elements(parent: Iterable[etree._Element]) -> Sequence[etree._Element]:
    return [child for child in parent if isinstance(child.tag, str)]


def text_of(element: etree._Element) -> str:
    return "".join(map(str, element.itertext()))


def as_it_is(text: str, name: str = "") -> str:
    return text


def whole(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} is not a whole number.") from None


def decimal(text: str, name: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{name} is not a number.") from None


def flag(text: str, name: str) -> bool:
    return bool(Row({name: text}).flag(name))


def base64(text: str, name: str) -> bytes:
    return b64decode(text, validate=False)
