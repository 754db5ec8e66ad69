"""One thing that the official rules say of a document."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One rule that fired: its id ("BR-KSA-40"), "error" or "warning", and the official text.

    `stage` is where: xsd, cen, ksa, signature, qr or previous_invoice_hash. `location` is the
    element it fired at, as in ``Invoice/InvoiceLine[2]/TaxTotal[1]``; empty where none is named.
    """

    rule: str
    severity: str
    message: str
    stage: str
    location: str = ""
