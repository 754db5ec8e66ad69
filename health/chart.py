"""The chart of accounts that a tenant starts with: data, and nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """An account made for a tenant when its `system_code` is first needed."""

    system_code: str
    code: str
    name: str
    account_type: str


TEMPLATES = {
    template.system_code: template
    for template in (
        Template("CASH", "1010-CASH", "Cash", "ASSET"),
        Template("BANK", "1020-BANK", "Bank", "ASSET"),
        Template("UPI_CLEARING", "1030-UPI", "UPI and online clearing", "ASSET"),
        Template("CARD_CLEARING", "1040-CARD", "Card clearing", "ASSET"),
        Template("ACCOUNTS_RECEIVABLE", "1100-AR", "Accounts receivable", "ASSET"),
        Template("PATIENT_ADVANCE", "2200-PAT-ADV", "Advances of patients", "LIABILITY"),
        Template("GST_OUTPUT_CGST", "2310-GST-CGST-OUT", "CGST output", "LIABILITY"),
        Template("GST_OUTPUT_SGST", "2320-GST-SGST-OUT", "SGST output", "LIABILITY"),
        Template("GST_OUTPUT_IGST", "2330-GST-IGST-OUT", "IGST output", "LIABILITY"),
        Template("GST_OUTPUT_CESS", "2340-GST-CESS-OUT", "Cess output", "LIABILITY"),
        Template("TEST_REVENUE", "4300-DIAGNOSTIC", "Diagnostic revenue", "REVENUE"),
        Template("DISCOUNT_ALLOWED", "5300-DISC-GIVEN", "Discount allowed", "EXPENSE"),
        Template("ROUND_OFF", "5900-ROUND-OFF", "Round-off", "EXPENSE"),
    )
}
# Names that other charts know parts by (health.md 1.6). Only whoever gives a part may use one: the
# books know each part by one name, so that it is played once.
ALIASES = {"DIAGNOSTIC_REVENUE": "TEST_REVENUE"}
# Number prefixes of the kinds of voucher.
VOUCHER_PREFIXES = {
    "SALES": "TINV",
    "RECEIPT": "REC",
    "PAYMENT": "PAY",
    "JOURNAL": "JNL",
    "CREDIT_NOTE": "TCN",
}
