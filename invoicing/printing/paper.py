"""A sheet made ready for the typesetter: texts with their direction, and the room they take.

What is known here need not be found out by setting a text once more.
"""

from typing import Any

from config.printing.texts import in_own_direction, widest

Row = dict[str, Any]


def paper(sheet: Row) -> Row:
    """The same sheet; names, facts and identifiers are texts that are ready to be set.

    `text` has one line for each of `count`, and none is wider than `wide` ems.
    """
    return {
        **sheet,
        "facts": [_pair(row) for row in sheet["facts"]],
        "payment": [_pair(row) for row in sheet["payment"]],
        "seller": _party(sheet["seller"]),
        "buyer": _party(sheet["buyer"]) if sheet["buyer"] else None,
        "lines": [_line(line) for line in sheet["lines"]],
    }


def _pair(row: Row) -> Row:
    label = widest([row["ar"]]) + 0.85 * widest([row["en"]]) + 0.5
    return {**row, **_text(row["lines"]), "label_wide": label}


def _party(party: Row) -> Row:
    return {**party, "rows": [_pair(row) for row in party["rows"]]}


def _line(line: Row) -> Row:
    unit = line["unit"]
    words = [unit["en"]] if unit["ar"] == unit["en"] else [f"{unit['ar']} {unit['en']}"]
    return {**line, **_text(line["name"]), "unit": words[0], "unit_wide": widest(words)}


def _text(lines: list[str]) -> Row:
    return {"text": in_own_direction(lines), "count": len(lines), "wide": widest(lines)}
