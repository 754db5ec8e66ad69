from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.options import actor
from config.tenancy.models import Tenant
from health.services.history import Who
from health.services.verifying import check_books


class Command(BaseCommand):
    """Check the books of every tenant; the verdicts stand on the page *Integrity*.

    Exit code 0 where all of it holds, 1 where something does not.
    """

    help = "Verify every tenant's books: hash chain, trial balance, payments against allocations."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for tenant in Tenant.objects.order_by("pk"):
            for sentence in check_books(tenant, Who(actor())).sentences:
                broken += 1
                self.stdout.write(f"tenant {tenant.pk}: {sentence}")
        if broken:
            raise CommandError(f"{broken} found")
        self.stdout.write("all books hold")
