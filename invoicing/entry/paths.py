"""Between a browser's flat fields, named by path, and a request's nested JSON."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STEP = re.compile(r"([A-Za-z_]\w*)|\[(\d{1,4})\]")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d{1,4}\])*\Z")
# A row in which nothing else was said was not meant: these stand in it from the beginning.
PRESET = frozenset({"quantity", "tax_category", "tax_rate", "unit_code", "scheme", "country_code"})


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of every leaf, in order; numbers with the digits they have."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flatten(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from flatten(inner, f"{path}[{index}]")
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif value is not None:
        yield path, str(value)


def nest(said: Mapping[str, str]) -> dict[str, Any]:
    """The request that flat fields make; what is empty is left out, rows close up.

    White space around a text is a slip of the hand here, and a browser's line breaks become LF.
    """
    tree: dict[Any, Any] = {}
    for name, text in said.items():
        cleaned = text.replace("\r\n", "\n").strip()
        if cleaned and _NAME.match(name):
            _put(tree, _steps(name), cleaned)
    return _closed(tree)


def pattern_of(path: str) -> str:
    """``line_items[2].name`` as ``line_items[].name``."""
    return re.sub(r"\[\w+\]", "[]", path)


def _steps(name: str) -> list[str | int]:
    return [int(index) if index else key for key, index in _STEP.findall(name)]


def _put(tree: dict[Any, Any], steps: list[str | int], text: str) -> None:
    *way, last = steps
    for step in way:
        inner = tree.setdefault(step, {})
        if not isinstance(inner, dict):
            return  # two fields that cannot both be; no form of ours sends them
        tree = inner
    tree[last] = text


def _closed(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if tree and all(isinstance(key, int) for key in tree):
        rows = [_closed(tree[index]) for index in sorted(tree)]
        return [row for row in rows if not _is_untouched(row)]
    closed = {str(key): _closed(inner) for key, inner in tree.items()}
    return {
        key: inner
        for key, inner in closed.items()
        if inner not in ({}, []) and not _is_untouched(inner)
    }


def _is_untouched(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= PRESET
