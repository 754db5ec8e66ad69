"""The back office of policies: the third door to the same services, with no rules of its own."""

from config.attention.admin import register_subject
from config.dashboard import Entry, register_panels, register_section
from integrations.admin import calls, environments, panel, policies, setup, transactions

register_subject("transaction", "admin:integrations_tritontransaction_change")
register_subject("ims_policy", "admin:integrations_imspolicy_change")
register_subject("ims", "admin:integrations_imsenvironment_queue")
register_subject("ims_group", "admin:integrations_error_group")
register_panels(*panel.PANELS)
register_section(
    "IMS policies",
    Entry("Transactions", "swap_horiz", "integrations.tritontransaction"),
    Entry(
        "Error groups",
        "stacks",
        "integrations.tritontransaction",
        page="admin:integrations_error_groups",
    ),
    Entry("Policies", "policy", "integrations.imspolicy"),
    Entry("IMS invoices", "request_quote", "integrations.imsinvoice"),
    Entry("Calls to IMS", "terminal", "integrations.imscall"),
    Entry("Producer aliases", "badge", "integrations.produceralias"),
    Entry("Underwriter aliases", "assignment_ind", "integrations.underwriteralias"),
    Entry("Environments", "dns", "integrations.imsenvironment"),
    Entry("Sources", "input", "integrations.source"),
    Entry("Offices", "business", "integrations.office"),
    Entry("Lines", "category", "integrations.line"),
    Entry("Programs", "list_alt", "integrations.program"),
)

__all__ = ["calls", "environments", "panel", "policies", "setup", "transactions"]
