"""The back office of policies: the third door to the same services, with no rules of its own."""

from config.dashboard import Entry, register_section
from integrations.admin import calls, setup

register_section(
    "IMS policies",
    Entry("Calls to IMS", "terminal", "integrations.imscall"),
    Entry("Producer aliases", "badge", "integrations.produceralias"),
    Entry("Underwriter aliases", "assignment_ind", "integrations.underwriteralias"),
    Entry("Sources", "input", "integrations.source"),
    Entry("Offices", "business", "integrations.office"),
    Entry("Lines", "category", "integrations.line"),
    Entry("Programs", "list_alt", "integrations.program"),
)

__all__ = ["calls", "setup"]
