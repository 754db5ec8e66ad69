"""Rows of the laboratory."""

from health.models.accounts import Account, AccountMapping, AccountType, SystemCode
from health.models.books import (
    LedgerHead,
    PeriodLock,
    Voucher,
    VoucherLine,
    VoucherSeal,
    VoucherSeries,
    VoucherType,
)
from health.models.invoices import (
    NEXT,
    InvoiceStatus,
    PaymentStatus,
    TestInvoice,
    TestInvoiceEvent,
    TestInvoiceItem,
    payment_status,
)
from health.models.profile import LabProfile, Layout

__all__ = [
    "NEXT",
    "Account",
    "AccountMapping",
    "AccountType",
    "InvoiceStatus",
    "LabProfile",
    "Layout",
    "LedgerHead",
    "PaymentStatus",
    "PeriodLock",
    "SystemCode",
    "TestInvoice",
    "TestInvoiceEvent",
    "TestInvoiceItem",
    "Voucher",
    "VoucherLine",
    "VoucherSeal",
    "VoucherSeries",
    "VoucherType",
    "payment_status",
]
