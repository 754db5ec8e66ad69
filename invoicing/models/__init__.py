from invoicing.models.directory import Buyer, Product
from invoicing.models.invoices import (
    Attempt,
    Channel,
    FailureClass,
    Invoice,
    InvoiceStatus,
    Phase,
    Reached,
    Revision,
    Trigger,
    ZatcaStatus,
)
from invoicing.models.logs import InvoiceLog, LogAction, LogStatus
from invoicing.models.numbering import AssignedNumber, NumberCounter, NumberSeries
from invoicing.models.references import DocumentReference, ReferenceKind
from invoicing.models.units import Chain, ChainState, EGSUnit

__all__ = [
    "AssignedNumber",
    "Attempt",
    "Buyer",
    "Chain",
    "ChainState",
    "Channel",
    "DocumentReference",
    "EGSUnit",
    "FailureClass",
    "Invoice",
    "InvoiceLog",
    "InvoiceStatus",
    "LogAction",
    "LogStatus",
    "NumberCounter",
    "NumberSeries",
    "Phase",
    "Product",
    "Reached",
    "ReferenceKind",
    "Revision",
    "Trigger",
    "ZatcaStatus",
]
