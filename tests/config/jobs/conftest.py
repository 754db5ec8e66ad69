"""Kinds of bulk work that exist in these tests only."""

from collections.abc import Callable

import pytest

from config.jobs import runners
from config.jobs.models import Job
from config.jobs.runners import Runner
from config.jobs.services import Work, queue_job


@pytest.fixture
def kinds(monkeypatch) -> dict[str, Runner]:
    """The registry; what a test adds is gone after it."""
    monkeypatch.setattr(runners, "RUNNERS", dict(runners.RUNNERS))
    for module in ("services", "selectors", "admin"):
        monkeypatch.setattr(f"config.jobs.{module}.RUNNERS", runners.RUNNERS)
    return runners.RUNNERS


@pytest.fixture
def ask(kinds, najd) -> Callable[..., Job]:
    """Queue a job of Najd that does what the function says."""

    def ask(run: Callable[[Work], None], **parameters) -> Job:
        kinds["test"] = Runner("test", "A test", "invoices:export", run)
        return queue_job(tenant=najd, kind="test", parameters=parameters, actor="key:test")

    return ask
