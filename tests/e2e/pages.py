"""Every kind of page of the back office: the side bar first, then wherever its links lead.

Two addresses that differ in numbers only are one kind of page; the first of them stands for all.
"""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.e2e.browser import Visitor

ADMIN = "/admin/"
LINKS = """() => [...document.querySelectorAll("a[href]")]
    .filter(link => typeof link.href === "string" && link.origin === location.origin)
    .map(link => link.pathname)"""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
NUMBER = re.compile(r"\d+")


def pages(visitor: Visitor) -> Iterator[tuple[str, list[str]]]:
    """Each page that can be reached, with what is wrong with it."""
    waiting, known = deque([(ADMIN, "")]), {ADMIN}
    while waiting:
        address, found_on = waiting.popleft()
        response = visitor.open(address)
        if response is None:
            yield f"{address} (a file)", visitor.found()
            continue
        came_to = urlsplit(response.url).path
        if came_to != address and kind(came_to) in known:
            visitor.found()
            continue
        known.add(kind(came_to))
        visitor.look(came_to)
        wrong = [*visitor.found(), *_direction(visitor)]
        yield came_to, [*wrong, *([f"a link of {found_on}"] if wrong and found_on else [])]
        for link in visitor.page.evaluate(LINKS):
            if link.startswith(ADMIN) and kind(link) not in known:
                known.add(kind(link))
                waiting.append((link, came_to))


def kind(address: str) -> str:
    """The address without what tells two rows apart."""
    return NUMBER.sub("1", UUID.sub("1", address))


def _direction(visitor: Visitor) -> Iterator[str]:
    """Arabic runs from right to left; a document in both languages is Arabic to everybody."""
    language, direction = visitor.page.evaluate("[document.documentElement.lang, document.dir]")
    is_arabic = language.startswith("ar")
    if visitor.language == "ar" and not is_arabic:
        yield f"it is in {language or 'no language'}"
    if direction != ("rtl" if is_arabic else "ltr"):
        yield f"{language} is written {direction or 'in no direction'}"
