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
from invoicing.models.reconciliations import (
    FindingState,
    ReconciliationFinding,
    ReconciliationRun,
    Source,
)
from invoicing.models.units import Chain, ChainState, EGSUnit

__all__ = [
    "Attempt",
    "Chain",
    "ChainState",
    "Channel",
    "EGSUnit",
    "FailureClass",
    "FindingState",
    "Invoice",
    "InvoiceLog",
    "InvoiceStatus",
    "LogAction",
    "LogStatus",
    "Phase",
    "Reached",
    "ReconciliationFinding",
    "ReconciliationRun",
    "Revision",
    "Source",
    "Trigger",
    "ZatcaStatus",
]
