"""Typesetting: the same bytes from any thread, and any text at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from config.printing.fonts import MISSING, showable
from config.printing.typesetting import typeset
from tests.config.printing.pictures import svg

MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_threads_get_the_same_bytes():
    def made(_: int) -> bytes:
        return typeset("printing/logo.typ", {"logo": svg().decode()}, made_at=MOMENT)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(made, range(8)))) == 1


def test_another_moment_is_another_file():
    data = {"logo": svg().decode()}

    first, second = (
        typeset("printing/logo.typ", data, made_at=moment)
        for moment in (MOMENT, MOMENT.replace(hour=13))
    )

    assert first != second


def test_what_no_font_shows_is_marked():
    assert showable("شاي tea 绿 😀") == f"شاي tea {MISSING} {MISSING}"
    assert showable("हिन्दी اردو ZÜRICH ₹ €") == "हिन्दी اردو ZÜRICH ₹ €"
