"""Two names of one part are made one by migration 0006."""

from importlib import import_module

from django.apps import apps

from config.tenancy.models import Tenant
from health.models import Account, AccountMapping

MIGRATION = import_module("health.migrations.0006_suppliers_and_parts")


def test_a_part_has_one_name(lab):
    other = Tenant.objects.create(company_name="Other Lab", environment="SANDBOX")
    for tenant, names in (
        (lab, ("DIAGNOSTIC_REVENUE", "TEST_REVENUE")),
        (other, ("DIAGNOSTIC_REVENUE",)),
    ):
        for name in names:
            account = Account.objects.create(
                tenant=tenant, code=f"4-{name}", name=name, account_type="REVENUE"
            )
            AccountMapping.objects.create(tenant=tenant, system_code=name, account=account)

    MIGRATION.one_name_of_a_part(apps, None)

    # Who played it by its own name was posted to; who was alone with the other name was, too.
    kept = AccountMapping.objects.values_list("tenant", "system_code", "account__code")
    assert set(kept) == {
        (lab.pk, "TEST_REVENUE", "4-TEST_REVENUE"),
        (other.pk, "TEST_REVENUE", "4-DIAGNOSTIC_REVENUE"),
    }
