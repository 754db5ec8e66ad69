"""The real site: its own processes on an empty folder, filled by what the demo does."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from config.demo import HOST, USERNAME, Household, furnish, furnish_policies
from config.demo_books import keep_books
from config.demo_policies import StandIn, bind_policies
from config.demo_story import tell
from config.demo_wire import Authority, Office, Trouble
from tests.chaos import database


@dataclass(frozen=True)
class Site:
    """Where it listens, who may sign in, and its API for what has no page."""

    url: str
    username: str
    password: str
    office: Office


@contextmanager
def site(engine: str) -> Iterator[Site]:
    """The furnished site on `engine`; Trouble where it does not come up or its story goes wrong."""
    with (
        tempfile.TemporaryDirectory(prefix="daftar-e2e-") as folder,
        database(engine, Path(folder)) as url,
        Household(Path(folder)) as house,
    ):
        house.environment["DATABASE_URL"] = url
        console = Console(highlight=False)
        office, authority, password = furnish(house, console, _free_port())
        ims = furnish_policies(house, console)
        _fill(house, office, authority, ims)
        yield Site(office.url, USERNAME, password, office)
        house.check()


def _fill(house: Household, office: Office, authority: Authority, ims: StandIn) -> None:
    quiet = Console(quiet=True)
    as_expected = tell(quiet, office, authority)
    as_expected &= keep_books(quiet, office)
    as_expected &= bind_policies(quiet, office, ims, house.run, house.folder)
    house.run("reconcile", "--tenant", "1", "--list")
    if not as_expected:
        raise Trouble("The demo's story came out otherwise; `make demo` shows where.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
