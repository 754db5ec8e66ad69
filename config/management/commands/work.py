import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config import work


class Command(BaseCommand):
    help = "Do the background work: send what is due, free expired leases, raise alarms, prune."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once at everything and stop")
        parser.add_argument(
            "--concurrency", type=int, default=4, help="chores at a time (PostgreSQL only)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            handled = work.run_all()
            self.stdout.write(f"{handled} handled")
        elif settings.POSTGRES:
            from config.tasks import run_worker

            run_worker(options["concurrency"])
        else:
            stop = Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            work.run_loop(stop)
