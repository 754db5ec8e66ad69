from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.options import add_tenant, counted, tenant_of
from integrations.models import IMSEnvironment
from integrations.services.checking import Level, check

SIGNS = {Level.OK: "✓", Level.NOTICE: "·", Level.WRONG: "✗", Level.NOT_ASKED: "?"}
STYLES = {
    Level.OK: "SUCCESS",
    Level.NOTICE: "WARNING",
    Level.WRONG: "ERROR",
    Level.NOT_ASKED: "NOTICE",
}


class Command(BaseCommand):
    """Compare the set-up with what IMS says; nothing is changed here or there.

    Exit code 0 where all is in order, 1 where something is wrong, 2 for wrong usage, 3 where IMS
    could not be asked.
    """

    help = "Check the set-up of IMS environments against IMS: login, lines, procedures, aliases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_tenant(parser)
        parser.add_argument("--environment", metavar="NAME", help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant, name = tenant_of(options), options["environment"]
        rows = IMSEnvironment.objects.select_related("tenant").order_by("tenant", "name")
        rows = rows if tenant is None else rows.filter(tenant=tenant)
        rows = rows if name is None else rows.filter(name=name)
        if not rows:
            raise CommandError("There is no such environment.", returncode=2)
        wrong = not_reached = 0
        for environment in rows:
            self.stdout.write(f"{environment} of {environment.tenant}")
            for found in check(environment):
                wrong += found.level is Level.WRONG
                not_reached += found.level is Level.NOT_ASKED and found.what == "login"
                line = f"  {SIGNS[found.level]} {found.what}: {found.message}"
                self.stdout.write(getattr(self.style, STYLES[found.level])(line))
        if wrong:
            raise CommandError(f"{counted(wrong, 'thing')} wrong.")
        if not_reached:
            raise CommandError("IMS could not be asked.", returncode=3)
        self.stdout.write("All in order.")
