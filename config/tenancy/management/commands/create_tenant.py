import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.tenancy.models import Environment, Role, Scope
from config.tenancy.services import (
    create_staff_user,
    create_tenant,
    grant_role,
    issue_api_key,
)

FIELDS = ("company_name", "company_name_ar", "vat_number", "environment", "timezone")


class Command(BaseCommand):
    """Make a tenant, with an owner and an API key if asked, or nothing at all.

    Prints one line of JSON: `tenant`, and what was asked for: `password` of a new owner, `api_key`.
    Both are shown only there.
    """

    help = "Create a tenant, and with --owner and --api-key what is needed to begin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("company_name")
        parser.add_argument("--environment", required=True, choices=Environment.values)
        parser.add_argument("--company-name-ar", default="")
        parser.add_argument("--vat-number", default="")
        parser.add_argument("--timezone", default="Asia/Riyadh")
        owner = parser.add_mutually_exclusive_group()
        owner.add_argument("--owner", metavar="USERNAME", help="an existing user")
        owner.add_argument("--new-owner", metavar="USERNAME", help="made, with a password")
        parser.add_argument("--api-key", metavar="NAME", help="issue a key of this name")
        parser.add_argument(
            "--scope", action="append", choices=Scope.values, help="of the key; default: admin"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(json.dumps(_created(options)))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error


def _created(options: dict[str, Any]) -> dict[str, Any]:
    people = get_user_model().objects
    tenant = create_tenant(**{field: options[field] for field in FIELDS})
    answer: dict[str, Any] = {"tenant": tenant.pk}
    if options["owner"]:
        owner = people.filter(username=options["owner"]).first()
        if owner is None:
            raise CommandError(f"There is no user {options['owner']!r}.")
        grant_role(user=owner, tenant=tenant, role=Role.OWNER)
    if options["new_owner"]:
        owner, answer["password"] = create_staff_user(username=options["new_owner"])
        grant_role(user=owner, tenant=tenant, role=Role.OWNER)
    if options["api_key"]:
        scopes = options["scope"] or [Scope.ADMIN.value]
        answer["api_key"] = issue_api_key(tenant=tenant, name=options["api_key"], scopes=scopes)[1]
    return answer
