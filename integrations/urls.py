"""Every path that Triton's callers know, of three generations; the older ones are aliases."""

from config.routing import both
from integrations.api import invoices, transactions

urlpatterns = [
    *both("api/triton/invoice", invoices.FindView.as_view(), "policy-invoice"),
    *both("api/triton/webhook", transactions.WebhookView.as_view(), "triton-webhook"),
    *both("triton/api/v1/transactions", transactions.OldEntryView.as_view(), "triton-entry"),
    *both("api/triton/transaction/new", transactions.NewView.as_view(), "triton-new"),
    *both(
        "api/triton/transaction/<path:name>",
        transactions.TransactionView.as_view(),
        "triton-transaction",
    ),
    *both(
        "api/sources/<str:source>/transaction/<path:name>",
        transactions.SourceTransactionView.as_view(),
        "source-transaction",
    ),
    *both("api/transaction/<path:name>", transactions.OldTransactionView.as_view(), "transaction"),
    *both(
        "api/v1/invoice/policy/<path:policy_number>/latest",
        invoices.LatestView.as_view(),
        "policy-invoice-latest",
    ),
    *both(
        "api/v1/invoice/policy/<path:policy_number>/pdf",
        invoices.PDFView.as_view(),
        "policy-invoice-pdf",
    ),
    *both(
        "api/v1/invoice/quote/<str:quote_id>/latest",
        invoices.LatestOfQuoteView.as_view(),
        "quote-invoice-latest",
    ),
]
