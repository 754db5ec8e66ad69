"""Debian's chromium without a window, and a visitor who sees what is wrong with a page."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright

from config.demo_wire import Trouble
from tests.e2e import questions
from tests.e2e.site import Site

NAMES = ("chromium", "chromium-browser", "google-chrome")
DESK, PHONE = 1440, 390
HEIGHT = 900
PATIENCE = 15_000  # milliseconds; a page that prints or reconciles takes a few seconds


def executable() -> str:
    """The browser of this machine; Trouble that says what to install where there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise Trouble(
        "There is no browser to drive. Install one, on Debian `apt-get install chromium`; "
        f"it is looked for on the PATH as {', '.join(NAMES)}."
    )


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser that can reach this host and no other."""
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        driven = playwright.chromium.launch(executable_path=executable(), args=arguments)
        try:
            yield driven
        finally:
            driven.close()


class Visitor:
    """Somebody at the site in one language, who remembers all that was wrong since last asked."""

    def __init__(
        self, driven: Browser, site: Site, language: str, screens: Path | None, width: int = DESK
    ) -> None:
        self.site, self.language, self.width = site, language, width
        self._driven, self._screens = driven, screens
        self._context = driven.new_context(
            base_url=site.url,
            locale=language,
            timezone_id="Asia/Riyadh",
            viewport={"width": width, "height": HEIGHT},
            accept_downloads=True,
        )
        self._context.set_default_timeout(PATIENCE)
        self.page: Page = self._context.new_page()
        self._tree = self._context.new_cdp_session(self.page)
        self._wrong: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._wrong.append(f"a script broke: {error}"))
        self.page.on("request", lambda request: self._see_where_to(request.url))

    @contextmanager
    def another(self, language: str, width: int = DESK) -> Iterator["Visitor"]:
        """Somebody else at the same site; what that one finds wrong is told of this one."""
        guest = Visitor(self._driven, self.site, language, self._screens, width)
        try:
            yield guest
        finally:
            self._wrong += guest.found()
            guest.leave()

    def leave(self) -> None:
        self._context.close()

    def sign_in(self) -> None:
        """At the admin's own door, with name and password."""
        self.page.goto("/admin/")
        self.look("sign in")
        self.page.locator("#id_username").fill(self.site.username)
        self.page.locator("#id_password").fill(self.site.password)
        self.page.locator("form button[type=submit]").click()
        self.page.wait_for_url("**/admin/")

    def open(self, address: str) -> Response | None:
        """The page's answer; None where it is a file. Either must come with 200."""
        try:
            response = self.page.goto(address)
        except Exception as error:
            if not re.search(r"Download is starting|ERR_ABORTED", str(error)):
                raise
            self.file(address)
            return None
        if response is not None and response.status != 200:
            self._wrong.append(f"{address} answered {response.status}")
        is_page = response is None or "text/html" in response.headers.get("content-type", "")
        return response if is_page else None

    def file(self, address: str) -> bytes:
        """What this session downloads from there."""
        response = self._context.request.get(address)
        if response.status != 200:
            self._wrong.append(f"{address} answered {response.status}")
        return response.body()

    def press(self, name: str) -> None:
        """The link or button of that name in the page, not in the side bar or the header."""
        of_name = re.compile(rf"^\W*(\w+ )?{re.escape(name)}$")  # an icon's name may stand before
        content = self.page.locator("#main, body:not(:has(#main))")
        link = content.get_by_role("link", name=of_name)
        link.or_(content.get_by_role("button", name=of_name)).first.click()

    def look(self, name: str, widths: tuple[int, ...] = (DESK, PHONE)) -> None:
        """Ask the general questions of the page that is open, and keep pictures of it."""
        self._wrong += questions.of_text(self.page)
        self._wrong += questions.of_names(self._tree)
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self._wrong += questions.of_width(self.page, width)
            if self._screens:
                slug = re.sub(r"[^\w.-]+", "-", name).strip("-") or "index"
                path = self._screens / f"{slug}.{self.language}.{width}.png"
                self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size({"width": self.width, "height": HEIGHT})

    def found(self) -> list[str]:
        """What was wrong since this was asked before, each once."""
        told, self._wrong = list(dict.fromkeys(self._wrong)), []
        return told

    def _hear(self, said: ConsoleMessage) -> None:
        # Beside a PDF the browser itself asks for an icon that no page has named.
        if said.type == "error" and not said.location["url"].endswith("/favicon.ico"):
            self._wrong.append(f"the console says: {said.text} ({said.location['url']})")

    def _see_where_to(self, address: str) -> None:
        parts = urlsplit(address)
        # What the browser asks of itself, as for showing a PDF, leaves nothing.
        is_own = self.site.url.endswith(f"//{parts.netloc}")
        if parts.scheme in ("http", "https", "ws", "wss") and not is_own:
            self._wrong.append(f"the page asks another host: {parts.scheme}://{parts.netloc}")
