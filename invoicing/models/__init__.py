from invoicing.models.breakers import Breaker
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
from invoicing.models.reconciliations import (
    FindingState,
    ReconciliationFinding,
    ReconciliationRun,
    Source,
)
from invoicing.models.units import BY_CREDENTIALS, Chain, ChainState, EGSUnit

__all__ = [
    "BY_CREDENTIALS",
    "Attempt",
    "Breaker",
    "Chain",
    "ChainState",
    "Channel",
    "EGSUnit",
    "FailureClass",
    "FindingState",
    "Invoice",
    "InvoiceLog",
    "InvoiceStatus",
    "Lane",
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
