from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.options import counted
from invoicing.verification.seals import SealBroken, write_seal


class Command(BaseCommand):
    """Write the heads of all log chains into a file, to be copied where nobody here can change it.

    Run it from a timer, after `verify_log`. `verify_log --seal FILE` compares with any copy.
    """

    help = "Seal the log chains of all invoices in a file under DAFTAR_DATA/seals."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seal = write_seal()
        except SealBroken as broken:
            raise CommandError(
                f"The newest seal does not hold: {broken}. Look into it, or move it away."
            ) from broken
        self.stdout.write(
            f"{seal.path.name} seals the logs of {counted(seal.invoices, 'invoice')}."
        )
