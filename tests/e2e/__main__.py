"""Start the site, walk through it as people do, then look at every page in both languages."""

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from config.demo_wire import Trouble
from tests.e2e import laboratory, policies, zatca
from tests.e2e.browser import Visitor, browser, executable
from tests.e2e.pages import pages
from tests.e2e.site import Site, site

LANGUAGES = ("en", "ar")
WALKS: tuple[Callable[[Visitor], None], ...] = (
    *laboratory.WALKS, *zatca.WALKS, *policies.WALKS,
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """0 where nothing was wrong anywhere."""
    options = _options(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    if options.screens:
        options.screens.mkdir(parents=True, exist_ok=True)
    try:
        executable()
        with site(options.engine) as running, browser() as driven:
            lines = [*_walk(driven, running, options.screens)]
            for language in LANGUAGES:
                lines += _look(driven, running, language, options.screens)
    except Trouble as trouble:
        print(f"e2e: {trouble}")
        return 1
    failed = lines.count(False)
    print(f"{len(lines)} walks and pages on {options.engine}, {failed or 'none'} with trouble")
    return int(failed > 0)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--screens", type=Path, metavar="FOLDER", help="keeps a picture of every page"
    )
    return parser.parse_args(arguments)


def _walk(driven: Browser, running: Site, screens: Path | None) -> list[bool]:
    """Every walk, each by somebody in English whom the one before left signed in."""
    visitor = Visitor(driven, running, "en", screens)
    visitor.sign_in()
    lines = [_tell("sign in", visitor.found())]
    for walk in WALKS:
        broken_off = []
        try:
            walk(visitor)
        except (AssertionError, BrowserError) as why:
            broken_off = [_first_lines(str(why))]
            if screens:
                picture = screens / f"{walk.__name__}.broken-off.png"
                visitor.page.screenshot(path=picture, full_page=True)
        lines.append(_tell(walk.__name__.replace("_", " "), broken_off + visitor.found()))
    return lines


def _look(driven: Browser, running: Site, language: str, screens: Path | None) -> list[bool]:
    visitor = Visitor(driven, running, language, screens)
    visitor.sign_in()
    return [_tell(f"{language} {page}", wrong) for page, wrong in pages(visitor)]


def _tell(name: str, wrong: list[str]) -> bool:
    """Print one line, and one more for each thing that is wrong; whether nothing is."""
    print(f"  {'✗' if wrong else '✓'} {name}", *(f"      {one}" for one in wrong), sep="\n")
    sys.stdout.flush()
    return not wrong


def _first_lines(text: str) -> str:
    return " | ".join(text.strip().splitlines()[:6])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
