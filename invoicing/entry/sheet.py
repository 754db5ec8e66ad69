"""The form as the page draws it: sections of fields, each with its value and what is said of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from rest_framework import serializers

from config.numbers import ExactDecimalField
from config.problems import FieldError
from config.tenancy.models import Tenant
from invoicing.api.requests import InstantField, InvoiceRequestSerializer
from invoicing.entry.labels import CHOICES, LABELS, NOT_ASKED, SECTIONS
from invoicing.entry.paths import flatten, pattern_of
from invoicing.models import EGSUnit
from invoicing.zatca.exemptions import EXEMPTIONS
from invoicing.zatca.rules.parties import BUYER_SCHEMES

LONG = 500  # characters; what may be longer is written into a box of several lines
ROWS_IN_SECTION = ("line_items",)  # begins with an empty row
# What a line shows at once; the rest of it folds out.
LINE_CELLS = (
    "name", "quantity", "unit_code", "unit_price", "discount", "tax_category", "tax_rate",
)  # fmt: skip
_INDEX = re.compile(r"\[(\d+)\]")
_NEW_LINE = re.compile(r"line_items\[(0|__i__)\]\.(\w+)\Z")
PRESETS = {"tax_category": "S", "tax_rate": "15", "unit_code": "PCE", "quantity": "1"}


@dataclass(frozen=True, slots=True)
class Box:
    """One input. `kind` is text, number, date, datetime-local, select, checkbox or area."""

    name: str
    label: str
    kind: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    errors: tuple[FieldError, ...] = ()
    max_length: int | None = None
    fixed: bool = False

    @property
    def leaf(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: boxes at once, boxes that fold out, and lists of its own."""

    index: str
    boxes: tuple[Box, ...]
    more: tuple[Box, ...] = ()
    groups: tuple["Group", ...] = ()

    @property
    def is_line(self) -> bool:
        """Whether it is a line, whose boxes are too narrow for sentences."""
        return bool(self.more)

    @property
    def open(self) -> bool:
        """Whether something folded away is said, or said of."""
        said = any(box.errors or box.value for box in self.more)
        return said or any(group.rows or group.errors for group in self.groups)


@dataclass(frozen=True, slots=True)
class Group:
    """A list of rows, and the empty row that one more is made from; `mark` is its place of index.

    A row in a row has a mark of its own, so that a script fills in the outer one first.
    """

    name: str
    title: str
    rows: tuple[Row, ...]
    blank: Row
    mark: str
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    boxes: tuple[Box, ...]
    groups: tuple[Group, ...]

    @property
    def has_errors(self) -> bool:
        rows = [row for group in self.groups for row in group.rows]
        boxes = [*self.boxes, *(box for row in rows for box in row.boxes + row.more)]
        return any(box.errors for box in boxes) or any(group.errors for group in self.groups)

    @property
    def has_values(self) -> bool:
        return any(box.value for box in self.boxes) or any(group.rows for group in self.groups)


@dataclass
class Sheet:
    """A tenant's form with what is written in it and what was found wrong."""

    tenant: Tenant
    values: Mapping[str, str]
    errors: tuple[FieldError, ...] = ()
    fixed: frozenset[str] = frozenset()
    _drawn: set[str] = field(default_factory=set)
    _rows_said: dict[str, set[int]] = field(default_factory=dict)
    _rows_found: dict[str, set[int]] = field(default_factory=dict)
    _by_path: dict[str, list[FieldError]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for error in self.errors:
            self._by_path.setdefault(error.param or "", []).append(error)
        self._rows_said = _rows_in(self.values)
        self._rows_found = _rows_in(self._by_path)
        self.arabic = (get_language() or "en").startswith("ar")
        fields = InvoiceRequestSerializer(context={"tenant": self.tenant}).fields
        placed = {name for _, _, names in SECTIONS for name in names} | NOT_ASKED
        left_over = tuple(str(name) for name in fields if name not in placed)
        self.sections = [
            self._section(key, title, (*names, *(left_over if key == "more" else ())), fields)
            for key, title, names in SECTIONS
        ]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What no input shows travels along, so that a correction loses nothing."""
        unasked = NOT_ASKED - {"metadata"}
        return [
            (name, value)
            for name, value in self.values.items()
            if name not in self._drawn and _first(name) not in unasked
        ]

    @property
    def top(self) -> list[FieldError]:
        """What is said of no field that stands here."""
        return [error for error in self.errors if error.param not in self._drawn]

    @property
    def beside(self) -> int:
        """How many findings stand beside their fields."""
        return len(tuple(self.errors)) - len(self.top)

    def _section(
        self, key: str, title: tuple[str, str], names: Iterable[str], fields: Mapping[str, Any]
    ) -> Section:
        boxes: list[Box] = []
        groups: list[Group] = []
        for name in names:
            if name in fields:
                self._draw(fields[name], name, boxes, groups)
        return Section(key, title[self.arabic], tuple(boxes), tuple(groups))

    def _draw(self, known: Any, path: str, boxes: list[Box], groups: list[Group]) -> None:
        """Put the inputs of one schema field into `boxes`, of a list into `groups`."""
        if isinstance(known, serializers.ListSerializer | serializers.ListField):
            groups.append(self._group(known.child, path))
        elif isinstance(known, serializers.Serializer):
            self._drawn.add(path)
            for index, (name, inner) in enumerate(known.fields.items()):
                extra = self._by_path.get(path, []) if index == 0 else []
                self._draw(inner, f"{path}.{name}", boxes, groups)
                if extra and boxes:
                    boxes[-1] = _also(boxes[-1], extra)
        else:
            boxes.append(self._box(known, path))

    def _group(self, child: Any, path: str) -> Group:
        self._drawn.add(path)
        used = self._indices(path)
        if path in ROWS_IN_SECTION and not used:
            used = [0]
        mark = "__j__" if "[" in path else "__i__"
        return Group(
            path,
            self._label(path),
            tuple(self._row(child, path, str(index)) for index in used),
            self._row(child, path, mark),
            mark,
            tuple(self._by_path.get(path, ())),
        )

    def _indices(self, path: str) -> list[int]:
        """The rows that something is said in, or said of."""
        return sorted(self._rows_said.get(path, set()) | self._rows_found.get(path, set()))

    def _row(self, child: Any, path: str, index: str) -> Row:
        boxes: list[Box] = []
        groups: list[Group] = []
        here = f"{path}[{index}]"
        self._draw(child, here, boxes, groups)
        if path != "line_items":
            return Row(index, tuple(boxes), (), tuple(groups))
        by_leaf = {box.leaf: box for box in boxes}
        shown = tuple(by_leaf[name] for name in LINE_CELLS if name in by_leaf)
        return Row(index, shown, tuple(b for b in boxes if b not in shown), tuple(groups))

    def _box(self, known: Any, path: str) -> Box:
        self._drawn.add(path)
        pattern = pattern_of(path)
        value = self.values.get(path, "") or self._preset(path)
        choices = self._choices(known, pattern, value)
        kind = "select" if choices else _kind(known)
        if kind == "datetime-local":
            value = self._local(value)
        return Box(
            path,
            self._label(pattern),
            kind,
            value,
            choices,
            tuple(self._by_path.get(path, ())),
            getattr(known, "max_length", None),
            path in self.fixed,
        )

    def _preset(self, path: str) -> str:
        """What stands in a new line: the first of an empty form, or one that is added."""
        found = _NEW_LINE.match(path)
        if found is None or (found[1] == "0" and "line_items" in self._rows_said):
            return ""
        return PRESETS.get(found[2], "")

    def _label(self, pattern: str) -> str:
        leaf = pattern.rpartition(".")[2].removesuffix("[]")
        named = LABELS.get(pattern) or LABELS.get(pattern.removesuffix("[]")) or LABELS.get(leaf)
        return named[self.arabic] if named else leaf.replace("_", " ").capitalize()

    def _choices(self, known: Any, pattern: str, value: str) -> tuple[tuple[str, str], ...]:
        leaf = pattern.rpartition(".")[2]
        if leaf == "scheme":
            found = [("", "—"), *((scheme, scheme) for scheme in sorted(BUYER_SCHEMES))]
        elif pattern == "egs_unit":
            units = EGSUnit.objects.for_tenant(self.tenant).active().order_by("name")
            found = [("", "—"), *((unit.name, unit.name) for unit in units)]
        elif leaf == "exemption_code":
            found = [("", "—"), *((code, self._exemption(code)) for code in EXEMPTIONS)]
        elif given := CHOICES.get(pattern) or CHOICES.get(leaf):
            found = [(row[0], row[2] if self.arabic else row[1]) for row in given]
        else:
            return ()
        if value and value not in {key for key, _ in found}:
            found.append((value, value))
        return tuple(found)

    def _exemption(self, code: str) -> str:
        row = EXEMPTIONS[code]
        words = row.arabic if self.arabic else row.english
        return f"{row.category} · {code} {words}".strip()

    def _local(self, value: str) -> str:
        """An instant on the tenant's clock, as the browser's input wants it."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        if moment.tzinfo is not None:
            moment = moment.astimezone(self.tenant.zone)
        return f"{moment:%Y-%m-%dT%H:%M:%S}"


def values_of(payload: Mapping[str, Any], **more: str) -> dict[str, str]:
    """A payload as the flat fields of the form."""
    return {**dict(flatten(payload)), **{name: text for name, text in more.items() if text}}


def _kind(known: Any) -> str:
    if isinstance(known, ExactDecimalField):
        return "number"
    if isinstance(known, InstantField):
        return "datetime-local"
    if isinstance(known, serializers.DateField):
        return "date"
    if isinstance(known, serializers.BooleanField):
        return "checkbox"
    is_long = (getattr(known, "max_length", None) or 0) > LONG and getattr(
        known, "multiline", False
    )
    return "area" if is_long else "text"


def _also(box: Box, errors: Iterable[FieldError]) -> Box:
    return replace(box, errors=(*box.errors, *errors))


def _rows_in(names: Iterable[str]) -> dict[str, set[int]]:
    """Of every list that the names speak of, the indices in use."""
    found: dict[str, set[int]] = {}
    for name in names:
        for index in _INDEX.finditer(name):
            found.setdefault(name[: index.start()], set()).add(int(index[1]))
    return found


def _first(path: str) -> str:
    """The name of the request's own field that a path begins with."""
    return path.partition(".")[0].partition("[")[0]
