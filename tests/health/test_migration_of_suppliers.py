"""What migration 0005 makes of books that were kept before it."""

from importlib import import_module

from django.apps import apps

from config.db.triggers import drop_triggers
from config.tenancy.models import Tenant
from health.integrity import broken_rules
from health.models import Account, AccountMapping, CreditNote
from health.services.crediting import CreditNoteItem
from tests.health.conftest import URL, line
from tests.health.test_credit_notes import HALF_A_RUPEE

MIGRATION = import_module("health.migrations.0005_suppliers_and_parts")


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


def test_a_note_over_a_round_off_gets_the_lines_of_its_bill(lab, lab_api, monkeypatch):
    said = HALF_A_RUPEE | {"items": [line(disc_percentage=100), line(line_no=2, rate="0.00")]}
    pk = lab_api.post(URL, said).json()["data"]["id"]
    with monkeypatch.context() as as_before:
        as_before.setattr(CreditNoteItem.objects, "bulk_create", list)
        assert lab_api.post(f"{URL}/{pk}/credit-notes", {"reason": "x"}).status_code == 201
    assert list(broken_rules(lab.pk)) == [
        f"{CreditNote.objects.get()}: its lines do not add up to it"
    ]

    drop_triggers()  # as whoever migrates does
    MIGRATION.lines_of_round_offs(apps, None)

    assert list(broken_rules(lab.pk)) == []
    items = CreditNote.objects.get().items.order_by("id")
    assert [(item.invoice_item.line_no, item.total_amount) for item in items] == [(1, 0), (2, 0)]
