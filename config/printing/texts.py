"""What a layout needs to know of a text before it is set: its direction and the most it can take.

Both are asked here rather than in the layouts, where asking costs more than setting the text.
"""

import re
from collections.abc import Iterable
from functools import cache

from fontTools.ttLib import TTFont

from config.printing.fonts import FOLDER

# Unicode's isolates: a paragraph, a box or a styled text for each direction costs several times
# what setting its letters does.
FIRST_STRONG, END = "\u2068", "\u2069"
# What reads left to right by itself, even after an Arabic letter, where a hyphen or a percent sign
# would change sides. Isolates come along when text is copied, so the numbers that people copy have
# none.
UNMISTAKABLE = re.compile(
    r"[0-9]+(?:[.,:/][0-9]+)*|[A-Za-z](?:[A-Za-z0-9./:_-]*[A-Za-z0-9])?", re.ASCII
)
# Kerning may widen a pair by a hair.
MARGIN = 1.03
FACES = ("NotoSans", "NotoNaskhArabic")
# Letters that only ever take the room of one of their forms. Marks that want a carrier and scripts
# that build clusters are not reckoned: what has such a letter has to be measured.
RECKONED = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u017f\u2013\u2014\u060c\u061b\u061f\u0621-\u064a\u0660-\u0669]"
)
UNKNOWN = 1000.0


def in_own_direction(lines: Iterable[str]) -> str:
    """`lines` as one text, each in the direction of its first letter, as dir="auto" has it."""
    return "\n".join(
        line if UNMISTAKABLE.fullmatch(line) else f"{FIRST_STRONG}{line}{END}" for line in lines
    )


def widest(lines: Iterable[str]) -> float:
    """The most that the longest of `lines` takes in the regular weight, in ems; more than any page
    has where it holds a letter that is not reckoned.
    """
    advance = _advances().get
    return MARGIN * max(
        (sum(advance(letter, UNKNOWN) for letter in line) for line in lines), default=0
    )


@cache
def _advances() -> dict[str, float]:
    """How far each character moves on, in ems: of an Arabic letter its widest form."""
    found: dict[str, float] = {}
    for face in reversed(FACES):
        with TTFont(FOLDER / f"{face}-Regular.ttf", lazy=True) as font:
            unit = font["head"].unitsPerEm
            forms: dict[str, int] = {}
            for glyph, (advance, _) in font["hmtx"].metrics.items():
                letter = glyph.partition(".")[0]
                forms[letter] = max(advance, forms.get(letter, 0))
            for code, glyph in font.getBestCmap().items():
                if RECKONED.fullmatch(chr(code)):
                    found[chr(code)] = forms[glyph.partition(".")[0]] / unit
    return found
