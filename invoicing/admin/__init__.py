"""The back office of invoicing: the third door to the same services, with no rules of its own."""

from config.attention.admin import register_subject
from config.dashboard import Entry, register_panels, register_section
from invoicing.admin import directory, invoices, panel, reconciliations, records, units

register_subject("invoice", "admin:invoicing_invoice_change")
register_subject("unit", "admin:invoicing_egsunit_change")
register_subject("reconciliation", "admin:invoicing_reconciliationrun_change")
register_panels(*panel.PANELS)
register_section(
    "ZATCA invoices",
    Entry("Invoices", "receipt_long", "invoicing.invoice"),
    Entry("Audit log", "history", "invoicing.invoicelog"),
    Entry("Attempts", "send", "invoicing.attempt"),
    Entry("Buyers", "contacts", "invoicing.buyer"),
    Entry("Products", "inventory_2", "invoicing.product"),
    Entry("Number series", "tag", "invoicing.numberseries"),
    Entry("EGS units", "point_of_sale", "invoicing.egsunit"),
    Entry("Chains", "link", "invoicing.chain"),
    Entry("Reconciliations", "balance", "invoicing.reconciliationrun"),
)

__all__ = ["directory", "invoices", "panel", "reconciliations", "records", "units"]
