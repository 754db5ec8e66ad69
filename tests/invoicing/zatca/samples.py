"""The names of the official signed samples; the files themselves are in the reference folder."""

SAMPLES = (
    "simplified/Nominal_supply_invoice",
    "simplified/Simplified_Credit_Note",
    "simplified/Simplified_Debit_Note",
    "simplified/Simplified_Invoice",
    "simplified/Simplified_Tax_Invoice_with_Zero_Rated_Item",
    "standard/Advance_Payment_adjustments",
    "standard/Advance_Payment_adjustments_with_foreign_currency_invoice",
    "standard/Advance_Payment_adjustments_with_rate_change_scenarios",
    "standard/Exempt_Tax_Invoice",
    "standard/Export_invoice",
    "standard/Out_of_Scope_Standard_Tax_Invoice",
    "standard/Self-billing_invoice",
    "standard/Standard_Credit_Note",
    "standard/Standard_Debit_Note",
    "standard/Standard_Invoice",
    "standard/Standard_Invoice_with_Document_Level_Charge",
    "standard/Standard_Invoice_with_Payable_Rounding_Adjustment",
    "standard/Summary_Invoice",
    "standard/Third_party_billing",
)


def read_sample(reference, name) -> bytes:
    return (reference / "zatca" / "samples" / f"{name}.xml").read_bytes()
