"""Procrastinate's side of config.work; imported on PostgreSQL only."""

import asyncio

import structlog
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from config.work import CHORES, ring_with, run_chore

log = structlog.get_logger(__name__)

TICK_SECONDS = 10


@app.task(name="daftar.look", queue="chores")
def look(name: str) -> None:
    """Run one chore, and once more at once where its batch was full."""
    if run_chore(name) >= CHORES[name].batch and CHORES[name].urgent:
        defer_look(name)


@app.periodic(cron=f"* * * * * */{TICK_SECONDS}")
@app.task(name="daftar.tick", queue="chores", queueing_lock="tick")
def tick(timestamp: int) -> None:
    """Make good every wake that was lost, and clear away jobs whose worker died."""
    for chore in CHORES.values():
        if timestamp % chore.every < TICK_SECONDS:
            defer_look(chore.name)
    _forget_dead_jobs()


def defer_look(name: str) -> None:
    """Queue one look; a look that is already queued will see everything this one would."""
    # One at a time over all workers: long work must not take every place of every one of them.
    lock = f"apart:{name}" if CHORES[name].apart else None
    try:
        look.configure(queueing_lock=f"look:{name}", lock=lock).defer(name=name)
    except AlreadyEnqueued:
        return


ring_with(defer_look)


def _forget_dead_jobs() -> None:
    # A killed worker leaves its job `doing`. The job said only "look", so it can simply go: the row
    # it looked at has a lease of its own.
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs j WHERE j.status = 'doing' AND NOT EXISTS ("
            "SELECT 1 FROM procrastinate_workers w WHERE w.id = j.worker_id "
            "AND w.last_heartbeat > now() - interval '60 seconds')"
        )


def run_worker(concurrency: int) -> None:
    """Work until SIGINT or SIGTERM; running jobs are finished first."""
    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    async with app.open_async():
        await app.run_worker_async(
            concurrency=concurrency,
            delete_jobs="always",
            listen_notify=True,
            fetch_job_polling_interval=5,
        )
