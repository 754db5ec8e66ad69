"""The back office of the laboratory: the third door to the same services."""

from config.dashboard import Entry, register_panels, register_section
from health.admin import accounts, invoices, masters, money, panel, reports, vouchers

register_panels(panel.PANEL)
register_section(
    "Laboratory",
    Entry("Test invoices", "biotech", "health.testinvoice"),
    Entry("Payments", "payments", "health.payment"),
    Entry("Vouchers", "menu_book", "health.voucher"),
    Entry("Accounts", "account_tree", "health.account"),
    Entry("Period locks", "lock", "health.periodlock"),
    Entry("Patients", "personal_injury", "health.patient"),
    Entry("Test orders", "assignment", "health.testorder"),
    Entry("Tests", "science", "health.labtest"),
    Entry("Panels", "view_list", "health.panel"),
    Entry("Laboratory settings", "tune", "health.labsettings"),
)

__all__ = ["accounts", "invoices", "masters", "money", "panel", "reports", "vouchers"]
