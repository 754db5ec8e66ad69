"""The fonts that documents are set in, shipped with the house: no machine's own fonts are used, so
that a document looks the same, and is the same bytes, everywhere. Noto, under the SIL Open Font
License beside them.
"""

import re
from functools import cache
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent / "static" / "printing" / "fonts"
MISSING = "\N{REPLACEMENT CHARACTER}"
# They have no shape of their own, and the typesetter asks no font for one.
_SHAPELESS = frozenset("\n\t\u061c\u200c\u200d\u200e\u200f\u00ad")


@cache
def fonts() -> typst.Fonts:
    """Our fonts and no others, opened once for the process."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER)]
    )


@cache
def covered() -> frozenset[str]:
    """The characters that our fonts can show: Arabic and its sister scripts, Latin, Greek, Cyrillic
    and Devanagari.
    """
    codes: set[int] = set()
    for file in FOLDER.glob("*-Regular.ttf"):
        with TTFont(file, lazy=True) as font:
            codes.update(font.getBestCmap())
    return frozenset(map(chr, codes)) | _SHAPELESS


def showable(text: str) -> str:
    """`text` with a mark for each character that no font of ours has.

    PDF/A refuses a character without a shape; an invoice must be printable whatever it says.
    """
    return _not_covered().sub(MISSING, text)


@cache
def _not_covered() -> re.Pattern[str]:
    return re.compile(f"[^{re.escape(''.join(sorted(covered())))}]")
