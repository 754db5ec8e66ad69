import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.problems import Problem
from config.tenancy.models import Tenant
from invoicing.models import Chain, EGSUnit
from invoicing.services.onboarding import adopt_csid, onboard_unit, register_unit

BY = "command:onboard_egs"
DETAILS = frozenset(
    {
        "issues_standard",
        "issues_simplified",
        "organization_name",
        "organization_unit",
        "id_scheme",
        "id_number",
        "street",
        "additional_street",
        "building_number",
        "plot_identification",
        "district",
        "city",
        "postal_code",
        "business_category",
    }
)


class Command(BaseCommand):
    """Get a unit its production CSID, by OTP or by adopting a certificate that exists.

    The unit is registered first where `--details` is given and the name is new. Secrets are read
    from files, since a command line can be seen by everybody on the machine.
    """

    help = "Onboard an EGS unit: key, CSR, compliance CSID, its six documents, production CSID."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("unit", help="the unit's name within its tenant")
        parser.add_argument("--tenant", type=int, required=True, metavar="ID")
        parser.add_argument(
            "--details",
            metavar="FILE",
            help=f"JSON object to register a new unit with: {', '.join(sorted(DETAILS))}",
        )
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--otp", help="from the Fatoora portal, valid for an hour")
        how.add_argument(
            "--certificate", metavar="FILE", help="PEM, base64 DER or token of an existing CSID"
        )
        parser.add_argument("--private-key", metavar="FILE", help="PEM, with --certificate")
        parser.add_argument(
            "--secret", metavar="FILE", help="the CSID's secret, with --certificate"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        adopted = _existing_csid(options)
        try:
            unit = _unit(options)
            if adopted is None:
                chain = onboard_unit(unit, otp=options["otp"], by=BY)
            else:
                chain = adopt_csid(unit, **adopted, by=BY)
        except Problem as problem:
            raise CommandError(problem.message) from problem
        for line in _report(unit, chain):
            self.stdout.write(line)


def _existing_csid(options: dict[str, Any]) -> dict[str, str] | None:
    """What `adopt_csid` needs, read from the files; None where an OTP is to be used."""
    named = {key: options[key] for key in ("certificate", "private_key", "secret")}
    if options["otp"] is not None:
        if any(named.values()):
            raise CommandError("--private-key and --secret go with --certificate.", returncode=2)
        return None
    if not all(named.values()):
        raise CommandError("--certificate needs --private-key and --secret.", returncode=2)
    return {key: _read(path) for key, path in named.items()}


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as trouble:
        raise CommandError(f"{path} cannot be read: {trouble}", returncode=2) from trouble


def _unit(options: dict[str, Any]) -> EGSUnit:
    tenant = Tenant.objects.filter(pk=options["tenant"]).first()
    if tenant is None:
        raise CommandError(f"There is no tenant {options['tenant']}.", returncode=2)
    name = options["unit"]
    unit = EGSUnit.objects.for_tenant(tenant).filter(name=name).first()
    if unit is not None:
        return unit
    if options["details"] is None:
        raise CommandError(
            f"{tenant} has no unit {name!r}; register it with --details.", returncode=2
        )
    try:
        return register_unit(tenant=tenant, name=name, **_details(options["details"]))
    except ValidationError as refusal:
        told = "; ".join(
            f"{field}: {' '.join(said)}" for field, said in refusal.message_dict.items()
        )
        raise CommandError(f"{options['details']}: {told}", returncode=2) from refusal


def _details(path: str) -> dict[str, Any]:
    try:
        details = json.loads(_read(path))
    except ValueError as trouble:
        raise CommandError(f"{path} is no JSON: {trouble}", returncode=2) from trouble
    if not isinstance(details, dict):
        raise CommandError(f"{path} is no JSON object.", returncode=2)
    if unknown := sorted(set(details) - DETAILS):
        raise CommandError(f"{path}: unknown: {', '.join(unknown)}.", returncode=2)
    return details


def _report(unit: EGSUnit, chain: Chain) -> tuple[str, str]:
    assert chain.expires_at is not None
    kinds = [
        word
        for word, on in (("standard", unit.issues_standard), ("simplified", unit.issues_simplified))
        if on
    ]
    days = (chain.expires_at - timezone.now()).days
    return (
        f"{unit.name} can seal {' and '.join(kinds)} documents.",
        f"certificate {chain.certificate_serial}, issued by {chain.certificate_issuer}, "
        f"valid until {chain.expires_at:%Y-%m-%d} ({days} days)",
    )
