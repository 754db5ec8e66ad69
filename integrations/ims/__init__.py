"""IMS's SOAP services: a client, its procedures, and the truth about what became of a call.

Pure: no Django, no state but the token of each environment, kept for the life of the process.
"""

from integrations.ims.calls import Call, Journal
from integrations.ims.client import IMSClient
from integrations.ims.dataset import DataSet, ProcedureAnswer
from integrations.ims.errors import (
    IMSError,
    LoginRefused,
    NotSent,
    Outcome,
    OutcomeUnknown,
    Refused,
    TokenRefused,
)
from integrations.ims.faults import FAULTS, Fault, FaultKind, classify, normalised
from integrations.ims.found import PremiumTotal, Producer, QuoteFound
from integrations.ims.invoices import Invoice, InvoiceLine
from integrations.ims.masking import mask, mask_accounts, mask_text
from integrations.ims.operations import OPERATIONS, Repeat
from integrations.ims.procedures import Procedure, Procedures
from integrations.ims.records import Insured, Location, Quote, QuoteDetail, QuoteOption, Submission
from integrations.ims.rows import ZERO_GUID, Row
from integrations.ims.session import Credentials, Login, TokenCache, shared_tokens

__all__ = [
    "FAULTS",
    "OPERATIONS",
    "ZERO_GUID",
    "Call",
    "Credentials",
    "DataSet",
    "Fault",
    "FaultKind",
    "IMSClient",
    "IMSError",
    "Insured",
    "Invoice",
    "InvoiceLine",
    "Journal",
    "Location",
    "Login",
    "LoginRefused",
    "NotSent",
    "Outcome",
    "OutcomeUnknown",
    "PremiumTotal",
    "Procedure",
    "ProcedureAnswer",
    "Procedures",
    "Producer",
    "Quote",
    "QuoteDetail",
    "QuoteFound",
    "QuoteOption",
    "Refused",
    "Repeat",
    "Row",
    "Submission",
    "TokenCache",
    "TokenRefused",
    "classify",
    "mask",
    "mask_accounts",
    "mask_text",
    "normalised",
    "shared_tokens",
]
