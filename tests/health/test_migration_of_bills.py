"""How bills were posted before they said so is read off their vouchers by migration 0003."""

from importlib import import_module

from health.models import LabSettings, TestInvoice, VoucherLine
from tests.health.conftest import URL, bill, line

MIGRATION = import_module("health.migrations.0003_bookkeeping_of_bills")
TAXED = line(cgst_rate=9, sgst_rate=9)
# Bills that the two layouts write differently.
ODD = {
    "taxes alone": {"items": [TAXED]},
    # 500.00 + 90.00 - 90.00: its amount is its taxable amount.
    "a discount of just the taxes": {"items": [TAXED], "overall_disc_amount": "90.00"},
    "a discount after tax": {"overall_disc_amount": "90.00"},
    "a round-off": {"items": [line(rate="499.60")], "roundoff": "0.40"},
    "a round-off of a discount": {"overall_disc_amount": "0.40", "roundoff": "0.40"},
    "half a rupee alone": {"items": [line(disc_percentage=100)], "roundoff": "0.50"},
}
# Bills of two lines in either.
PLAIN = {
    "nothing else": {},
    "a discount before tax": {"discount_mode": "PRE_TAX", "overall_disc_amount": "90.00"},
    "a discount of the line": {"items": [line(disc_amount="90.00")]},
}


def test_vouchers_tell_the_layout(lab, lab_api):
    settings = LabSettings.objects.create(tenant=lab)
    for layout, gross in (("SPLIT", False), ("SPLIT", True), ("COMPACT", False)):
        settings.voucher_layout, settings.gross_revenue = layout, gross
        settings.save()
        for name, said in {**ODD, **PLAIN}.items():
            named = bill(status="POSTED", notes=name, **said)
            assert lab_api.post(URL, named).status_code == 201, name
    bills = TestInvoice.objects

    found = bills.filter(voucher__in=MIGRATION.compact(VoucherLine.objects))
    before_discounts = bills.filter(voucher__in=MIGRATION.gross(VoucherLine.objects))

    told = set(found.values_list("notes", "voucher_layout"))
    assert told == {(name, "COMPACT") for name in ODD}
    assert found.count() == len(ODD)
    discounted = ("a discount before tax", "a discount of the line", "half a rupee alone")
    told = set(before_discounts.values_list("notes", "gross_revenue"))
    assert told == {(name, True) for name in discounted}
