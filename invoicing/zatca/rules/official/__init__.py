"""The authority's own rules in the caller's terms: for every id its field and our two sentences.

The request rules catch a mistake before the official rules see it; what only those find, and what
the authority answers, is told in the same way. Ids and severities are those of release 238-R3.4.8.
"""

from invoicing.zatca.rules.official.checks import CHECKS
from invoicing.zatca.rules.official.document import DOCUMENT
from invoicing.zatca.rules.official.entry import Entry
from invoicing.zatca.rules.official.parties import PARTIES
from invoicing.zatca.rules.official.supplies import SUPPLIES

__all__ = ["ENTRIES", "Entry", "entry_for"]

ENTRIES: dict[str, Entry] = {**DOCUMENT, **PARTIES, **SUPPLIES, **CHECKS}
# The authority writes the record at fault before it: TIMESTAMP_QRCODE_INVALID.
_QR_SUFFIX = "QRCODE_INVALID"


def entry_for(rule: str) -> Entry:
    """What is known of a rule id or code; for one we do not know, that much in both languages."""
    known = ENTRIES.get(rule) or (CHECKS[_QR_SUFFIX] if rule.endswith(_QR_SUFFIX) else None)
    return known or Entry(
        None, f"ZATCA's rule {rule} is not met.", f"لم تتحقق قاعدة الهيئة {rule}."
    )
