from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.tenancy.models import Tenant
from health.integrity import broken_rules


class Command(BaseCommand):
    help = "Verify every tenant's books: hash chain, trial balance, payments against allocations."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for tenant in Tenant.objects.order_by("pk"):
            for sentence in broken_rules(tenant.pk):
                broken += 1
                self.stdout.write(f"tenant {tenant.pk}: {sentence}")
        if broken:
            raise CommandError(f"{broken} found")
        self.stdout.write("all books hold")
