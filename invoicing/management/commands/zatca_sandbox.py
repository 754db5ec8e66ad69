"""Run the stand-in authority as a process of its own."""

import signal
import threading
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from invoicing.sandbox import StandIn
from invoicing.sandbox.certificates import DEFAULT_VALIDITY_DAYS
from invoicing.sandbox.faults import ROWS, UnknownFault


class Command(BaseCommand):
    help = "Run a stand-in tax authority on loopback; prints its base URL and ends on Ctrl-C."
    # It needs no database, no migrations and no configuration of ours.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9090, help="0 takes a free one")
        parser.add_argument("--store", help="SQLite file that survives a restart (default: memory)")
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            metavar="NAME=RATE",
            help="share of submissions that meet this fault; may be repeated",
        )
        parser.add_argument("--seed", type=int, help="makes the rates repeatable")
        parser.add_argument(
            "--clearance-off", action="store_true", help="answer clearance with 303"
        )
        parser.add_argument("--validity-days", type=int, default=DEFAULT_VALIDITY_DAYS)
        parser.epilog = "faults, and the word in an invoice number that sets each off once:\n" + (
            "\n".join(f"  {row.name:18} {row.magic:26} {row.says}" for row in ROWS)
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        try:
            stand_in = StandIn(
                options["store"],
                host=options["host"],
                port=options["port"],
                rates=dict(_rate(text) for text in options["fault"]),
                seed=options["seed"],
                clearance=not options["clearance_off"],
                validity_days=options["validity_days"],
            )
        except UnknownFault as error:
            raise CommandError(str(error)) from error
        with stand_in:
            if not stand_in.judges_rules:
                self.stderr.write("fatoora-rs is not installed: the official rules are not judged")
            self.stdout.write(stand_in.base_url())
            self.stdout.flush()
            stopped.wait()


def _rate(text: str) -> tuple[str, float]:
    name, _, rate = text.partition("=")
    try:
        return name, float(rate)
    except ValueError:
        raise CommandError(f"--fault {text}: expected NAME=RATE, such as drop_after=0.1") from None
