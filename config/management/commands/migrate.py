from typing import Any

from django.core.management.commands import migrate

from config import checks


class Command(migrate.Command):
    """Django's migrate, telling the trigger check that it runs (the check cannot tell itself).

    Around `execute`, not `handle`: the checks run in between, and a missing trigger must not keep
    away the one command that brings it back.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        checks.migrating = True
        try:
            return super().execute(*args, **options)
        finally:
            checks.migrating = False
