from typing import Any

from django.core.management.commands import migrate

from config import checks


class Command(migrate.Command):
    """Django's migrate, telling the trigger check that it runs (the check cannot tell itself)."""

    def handle(self, *args: Any, **options: Any) -> None:
        checks.migrating = True
        try:
            super().handle(*args, **options)
        finally:
            checks.migrating = False
