from health.models.accounts import (
    Account,
    AccountMapping,
    AccountType,
    VoucherType,
)
from health.models.books import (
    History,
    LabSettings,
    LockScope,
    OverpayPolicy,
    PeriodLock,
)
from health.models.credit_notes import (
    CreditNote,
    CreditNoteItem,
)
from health.models.invoices import (
    NEXT,
    DiscountMode,
    Layout,
    PaymentStatus,
    Status,
    SupplyType,
    TestInvoice,
    TestInvoiceItem,
)
from health.models.masters import (
    LabTest,
    Panel,
    Patient,
    TestOrder,
)
from health.models.numbering import (
    GivenUpNumber,
    NumberSeries,
)
from health.models.payments import (
    PAYMENT_NEXT,
    Allocation,
    Mode,
    Payment,
    PaymentState,
    Refund,
)
from health.models.vouchers import (
    LedgerHead,
    Source,
    Voucher,
    VoucherLine,
    VoucherSeal,
)

__all__ = [
    "NEXT",
    "PAYMENT_NEXT",
    "Account",
    "AccountMapping",
    "AccountType",
    "Allocation",
    "CreditNote",
    "CreditNoteItem",
    "DiscountMode",
    "GivenUpNumber",
    "History",
    "LabSettings",
    "LabTest",
    "Layout",
    "LedgerHead",
    "LockScope",
    "Mode",
    "NumberSeries",
    "OverpayPolicy",
    "Panel",
    "Patient",
    "Payment",
    "PaymentState",
    "PaymentStatus",
    "PeriodLock",
    "Refund",
    "Source",
    "Status",
    "SupplyType",
    "TestInvoice",
    "TestInvoiceItem",
    "TestOrder",
    "Voucher",
    "VoucherLine",
    "VoucherSeal",
    "VoucherType",
]
