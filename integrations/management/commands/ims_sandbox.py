"""Run the stand-in IMS as a process of its own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integrations.sandbox.__main__ import run


class Command(BaseCommand):
    help = "Run a stand-in IMS on loopback; prints its base URL and ends on Ctrl-C."
    # It needs no database, no migrations and no configuration of ours.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9091, help="0 takes a free one")
        parser.add_argument("--folder", help="keeps the state over a restart (default: memory)")

    def handle(self, *args: Any, **options: Any) -> None:
        run(options["host"], options["port"], options["folder"])
