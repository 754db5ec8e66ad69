"""Which kinds of bulk work there are: every app registers its own when it is ready."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.jobs.services import Work


@dataclass(frozen=True, slots=True)
class Runner:
    """How a kind of job is done.

    `permission` (such as ``invoices:export``) is what a credential needs to see such a job and to
    fetch its file. `run` does the whole work: it may be run again from the beginning where its
    process died, so it must be harmless twice. It raises a Problem for what the asker can act on.
    """

    kind: str
    title: str
    permission: str
    run: "Callable[[Work], None]"


RUNNERS: dict[str, Runner] = {}


def register(*runners: Runner) -> None:
    """Declare kinds of jobs; called from AppConfig.ready."""
    RUNNERS.update({runner.kind: runner for runner in runners})
