from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.options import add_tenant, counted, tenant_of
from config.tenancy.models import Tenant
from invoicing.models import Chain
from invoicing.verification.chains import chain_findings, repeated_uuids


class Command(BaseCommand):
    """Recompute every chain of documents; findings are printed, and any makes the exit code 1."""

    help = "Verify ICV, PIH, hashes and UUIDs of all chains from the stored bytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_tenant(parser)
        parser.add_argument("--stamps", action="store_true", help="verify every stamp, too")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_of(options)
        chains = documents = findings = 0
        for chain in _chains(tenant):
            chains, documents = chains + 1, documents + chain.last_icv
            for finding in chain_findings(chain, stamps=options["stamps"]):
                findings += 1
                self.stdout.write(f"{chain}: {finding}")
        for finding in repeated_uuids(tenant):
            findings += 1
            self.stdout.write(finding)
        seen = f"{counted(chains, 'chain')} of {counted(documents, 'document')}"
        if findings:
            raise CommandError(f"{counted(findings, 'finding')} in {seen}.")
        proved = "hashes and stamps" if options["stamps"] else "hashes"
        self.stdout.write(f"{seen}: ICV, PIH, UUID, {proved} hold.")


def _chains(tenant: Tenant | None) -> Any:
    # What never became active has sealed nothing.
    chains = Chain.objects.exclude(activated_at=None).select_related("unit").order_by("pk")
    if tenant is not None:
        chains = chains.filter(unit__tenant=tenant)
    return chains
