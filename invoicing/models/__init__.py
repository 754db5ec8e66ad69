from invoicing.models.breakers import Breaker
from invoicing.models.directory import Buyer, Product
from invoicing.models.invoices import (
    Attempt,
    Channel,
    FailureClass,
    Invoice,
    InvoiceStatus,
    Lane,
    Phase,
    Reached,
    Revision,
    Trigger,
    ZatcaStatus,
)
from invoicing.models.logs import InvoiceLog, LogAction, LogStatus
from invoicing.models.numbering import AssignedNumber, NumberCounter, NumberSeries
from invoicing.models.reconciliations import (
    FindingState,
    ReconciliationFinding,
    ReconciliationRun,
    Source,
)
from invoicing.models.references import DocumentReference, ReferenceKind
from invoicing.models.units import BY_CREDENTIALS, Chain, ChainState, EGSUnit

__all__ = [
    "BY_CREDENTIALS",
    "AssignedNumber",
    "Attempt",
    "Breaker",
    "Buyer",
    "Chain",
    "ChainState",
    "Channel",
    "DocumentReference",
    "EGSUnit",
    "FailureClass",
    "FindingState",
    "Invoice",
    "InvoiceLog",
    "InvoiceStatus",
    "Lane",
    "LogAction",
    "LogStatus",
    "NumberCounter",
    "NumberSeries",
    "Phase",
    "Product",
    "Reached",
    "ReconciliationFinding",
    "ReconciliationRun",
    "ReferenceKind",
    "Revision",
    "Source",
    "Trigger",
    "ZatcaStatus",
]
