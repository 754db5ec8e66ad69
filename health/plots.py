"""Plots as SVG documents within a page: no script, and every bar leads to what it stands for.

Pure: numbers, labels and addresses in, markup out. Colours are classes of the page's stylesheet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, LEFT, TOP = 960, 64, 12
HEIGHT, FOOT = 240, 26
ROW, COURSE, NAMES = 30, 44, 230
AXIS = 4  # how many steps an axis has
# Indian words for how much: crore, lakh, thousand.
SIZES = ((Decimal(10_000_000), "Cr"), (Decimal(100_000), "L"), (Decimal(1_000), "K"))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: how long, what it says when pointed at, where it leads, and its series."""

    amount: Decimal
    says: str
    link: str
    series: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """How an amount went over time, with its name, what it says and where it leads."""

    name: str
    amounts: Sequence[Decimal]
    says: str
    link: str


def columns(
    groups: Sequence[tuple[str, Sequence[Bar]]], title: str, *, are_counts: bool = False
) -> SafeString:
    """Bars side by side over each label, on an axis of round amounts from zero; of whole ones where
    they are counts.
    """
    top = scale(max((bar.amount for _, bars in groups for bar in bars), default=Decimal(0)))
    if are_counts:
        top = max(top // AXIS + bool(top % AXIS), Decimal(1)) * AXIS
    room = (WIDTH - LEFT) / max(len(groups), 1)
    parts = [*_axis(top)]
    every = max(1, -(-len(groups) // 16))
    for place, (label, bars) in enumerate(groups):
        left = LEFT + place * room
        width = room * 0.8 / max(len(bars), 1)
        for number, bar in enumerate(bars):
            height = _share(bar.amount, top) * HEIGHT
            x = left + room * 0.1 + number * width
            parts.append(_rect(bar, x, TOP + HEIGHT - height, width * 0.94, height))
        if place % every == 0:
            parts.append(_text(left + room / 2, TOP + HEIGHT + 18, label, "middle"))
    return _svg(parts, TOP + HEIGHT + FOOT, title)


def ranking(rows: Sequence[tuple[str, Bar]], title: str) -> SafeString:
    """A bar a row, the name before it and the amount behind it."""
    top = max((bar.amount for _, bar in rows), default=Decimal(0))
    parts = []
    for place, (name, bar) in enumerate(rows):
        y = TOP + place * ROW
        width = _share(bar.amount, top) * (WIDTH - NAMES - 260)
        parts.append(_text(NAMES - 10, y + 18, _short_name(name), "end"))
        parts.append(_rect(bar, NAMES, y + 4, width, ROW - 10))
        parts.append(_text(NAMES + width + 8, y + 18, bar.says, "start"))
    return _svg(parts, TOP + ROW * len(rows) + 6, title)


def courses(rows: Sequence[Course], title: str) -> SafeString:
    """A small line a row, all on one scale, the name before it and what it says behind it."""
    top = max((amount for row in rows for amount in row.amounts), default=Decimal(0))
    end = WIDTH - 260
    parts = []
    for place, row in enumerate(rows):
        y = TOP + place * COURSE
        step = (end - NAMES) / max(len(row.amounts) - 1, 1)
        points = [
            (NAMES + number * step, y + COURSE - 8 - _share(amount, top) * (COURSE - 14))
            for number, amount in enumerate(row.amounts)
        ]
        if len(points) == 1:
            points.append((end, points[0][1]))
        parts.append(_text(NAMES - 10, y + COURSE / 2 + 4, _short_name(row.name), "end"))
        parts.append(_line(row, points, y))
        parts.append(_text(end + 12, y + COURSE / 2 + 4, row.says, "start"))
    return _svg(parts, TOP + COURSE * len(rows) + 6, title)


def stack(bars: Sequence[Bar], title: str) -> SafeString:
    """One bar of parts, each as wide as its share."""
    total = sum((bar.amount for bar in bars), Decimal(0))
    parts, x = [], 0.0
    for bar in bars:
        width = _share(bar.amount, total) * WIDTH
        parts.append(_rect(bar, x, TOP, max(width - 1, 0), 44))
        x += width
    return _svg(parts, TOP + 50, title)


def scale(largest: Decimal) -> Decimal:
    """A round amount not below `largest`, of one digit and zeros; 1 where there is nothing."""
    step = Decimal(1)
    while True:
        for factor in (1, 2, 3, 4, 6, 8):
            if step * factor >= largest:
                return step * factor
        step *= 10


def short(amount: Decimal) -> str:
    """``2.5 L`` for 2,50,000: an axis has no room for more."""
    for size, word in SIZES:
        if amount >= size:
            shown = f"{amount / size:.1f}"
            return f"{shown.removesuffix('.0')} {word}"
    return f"{amount:.0f}"


def _axis(top: Decimal) -> Iterable[SafeString]:
    for part in range(AXIS + 1):
        y = TOP + HEIGHT * (1 - part / AXIS)
        yield format_html(
            '<line class="daftar-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>', LEFT, WIDTH, y, y
        )
        yield _text(LEFT - 8, y + 4, short(top * part / AXIS), "end")


def _share(amount: Decimal, of: Decimal) -> float:
    """For geometry alone; nothing that is shown as a figure comes from it."""
    return max(float(amount / of), 0.0) if of else 0.0


def _rect(bar: Bar, x: float, y: float, width: float, height: float) -> SafeString:
    return format_html(
        '<a href="{}"><rect class="daftar-series-{}" x="{}" y="{}" width="{}" height="{}">'
        "<title>{}</title></rect></a>",
        bar.link, bar.series, f"{x:.1f}", f"{y:.1f}", f"{width:.1f}", f"{height:.1f}", bar.says,
    )  # fmt: skip


def _line(row: Course, points: Sequence[tuple[float, float]], y: float) -> SafeString:
    return format_html(
        '<a href="{}"><rect class="daftar-ground" x="{}" y="{}" width="{}" height="{}"/>'
        '<polyline class="daftar-line daftar-series-0" points="{}"/><title>{}</title></a>',
        row.link, NAMES, f"{y:.1f}", WIDTH - 260 - NAMES, COURSE - 4,
        " ".join(f"{x:.1f},{at:.1f}" for x, at in points), f"{row.name}: {row.says}",
    )  # fmt: skip


def _text(x: float, y: float, words: str, anchor: str) -> SafeString:
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}">{}</text>', f"{x:.1f}", f"{y:.1f}", anchor, words
    )


def _short_name(name: str) -> str:
    return name if len(name) <= 32 else f"{name[:31]}…"


def _svg(parts: Iterable[SafeString], height: float, title: str) -> SafeString:
    return format_html(
        '<svg class="daftar-plot" dir="ltr" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        "{}</svg>",
        WIDTH, f"{height:.0f}", title, format_html_join("", "{}", ((part,) for part in parts)),
    )  # fmt: skip
