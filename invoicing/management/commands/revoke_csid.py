from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.problems import Problem
from invoicing.management.options import add_unit, unit_of
from invoicing.services.csids import revoke_csid

BY = "command:revoke_csid"


class Command(BaseCommand):
    """Destroy the key and the secret of a unit's CSID, for good.

    The authority's API has no call for it: revoke the CSID in the Fatoora portal, too.
    """

    help = "Revoke a unit's CSID here: it seals and sends nothing until it is onboarded again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_unit(parser)
        parser.add_argument("--reason", required=True, help="why; it is kept with the CSID")

    def handle(self, *args: Any, **options: Any) -> None:
        unit = unit_of(options)
        try:
            chain = revoke_csid(unit, reason=options["reason"], by=BY)
        except Problem as problem:
            raise CommandError(problem.message) from problem
        self.stdout.write(f"{unit}: CSID {chain.certificate_serial} is revoked, its key destroyed.")
        self.stdout.write("Now revoke it in the Fatoora portal, and onboard the unit again.")
