"""Send mail again that failed for good, as the action of the outbox's page does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.delivery.models import MailMessage, MailState
from config.delivery.services import send_again
from config.problems import Problem


class Command(BaseCommand):
    help = "Queue failed mail anew, under the Message-ID it had. A worker sends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--failed", action="store_true", help="All that failed.")
        which.add_argument("--ids", nargs="+", type=int, help="These letters.")
        parser.add_argument("--tenant", type=int, help="Of this tenant only.")
        parser.add_argument("--dry-run", action="store_true", help="Say which, and send none.")

    def handle(self, **options: Any) -> None:
        rows = MailMessage.objects.order_by("id")
        if options["tenant"]:
            rows = rows.filter(tenant_id=options["tenant"])
        failed = rows.filter(state=MailState.FAILED)
        if wanted := options["ids"]:
            failed = failed.filter(pk__in=wanted)
            if missing := set(wanted) - set(failed.values_list("pk", flat=True)):
                raise CommandError(f"not FAILED: {', '.join(map(str, sorted(missing)))}")
        count = 0
        for message in failed:
            self.stdout.write(f"{message.pk} {message.subject} to {message.to}")
            if not options["dry_run"]:
                try:
                    send_again(message)
                except Problem as problem:
                    raise CommandError(problem.message) from None
            count += 1
        self.stdout.write(f"{count} {'would be' if options['dry_run'] else 'will be'} sent again.")
