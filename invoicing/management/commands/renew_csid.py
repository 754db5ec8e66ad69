from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.problems import Problem
from invoicing.management.options import add_unit, unit_of
from invoicing.services.renewal import renew_unit

BY = "command:renew_csid"


class Command(BaseCommand):
    """Trade a unit's CSID for a new one before it expires; the unit can seal all along.

    It may be run again after it broke off: the unit has the CSID it had.
    """

    help = "Renew a unit's production CSID: new key, new certificate, new chain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_unit(parser)
        parser.add_argument(
            "--otp", required=True, help="from the Fatoora portal, valid for an hour"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        unit = unit_of(options)
        try:
            chain = renew_unit(unit, otp=options["otp"], by=BY)
        except Problem as problem:
            raise CommandError(problem.message) from problem
        assert chain.expires_at is not None
        self.stdout.write(
            f"{unit} has a new CSID: certificate {chain.certificate_serial}, valid until "
            f"{chain.expires_at:%Y-%m-%d}. Its chain begins at ICV 1."
        )
