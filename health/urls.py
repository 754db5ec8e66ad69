"""Routes below /api/v1/health/."""

from config.routing import both
from health.api import batch, books, credits, masters, paper, payments, reports, views

urlpatterns = [
    *both("testinvoices", views.TestInvoicesView.as_view(), "test-invoices"),
    *both("testinvoices/quote", views.QuoteView.as_view(), "test-invoices-quote"),
    *both("testinvoices/batch", batch.BatchView.as_view(), "test-invoices-batch"),
    *both("testinvoices/<int:pk>", views.TestInvoiceView.as_view(), "test-invoice"),
    *both("testinvoices/<int:pk>/post", views.PostView.as_view(), "test-invoice-post"),
    *both("testinvoices/<int:pk>/cancel", views.CancelView.as_view(), "test-invoice-cancel"),
    *both("testinvoices/<int:pk>/voucher", views.VoucherView.as_view(), "test-invoice-voucher"),
    *both("testinvoices/<int:pk>/history", views.HistoryView.as_view(), "test-invoice-history"),
    *both(
        "testinvoices/<int:pk>/payments",
        payments.InvoicePaymentsView.as_view(),
        "test-invoice-payments",
    ),
    *both(
        "testinvoices/<int:pk>/credit-notes",
        credits.CreditNotesView.as_view(),
        "test-invoice-credit-notes",
    ),
    *both("testinvoices/<int:pk>/pdf", paper.InvoicePDFView.as_view(), "test-invoice-pdf"),
    *both("testinvoices/<int:pk>/email", paper.InvoiceEmailView.as_view(), "test-invoice-email"),
    *both("credit-notes/<int:pk>/pdf", paper.CreditNotePDFView.as_view(), "credit-note-pdf"),
    *both("payments/<int:pk>/history", payments.PaymentHistoryView.as_view(), "payment-history"),
    *both("payments/<int:pk>/confirm", payments.ConfirmView.as_view(), "payment-confirm"),
    *both("payments/<int:pk>/fail", payments.FailView.as_view(), "payment-fail"),
    *both("payments/<int:pk>/allocate", payments.AllocateView.as_view(), "payment-allocate"),
    *both("payments/<int:pk>/release", payments.ReleaseView.as_view(), "payment-release"),
    *both("payments/<int:pk>/refund", payments.RefundView.as_view(), "payment-refund"),
    *both("payments/<int:pk>/reverse", payments.ReverseView.as_view(), "payment-reverse"),
    *both("patients", masters.PatientsView.as_view(), "patients"),
    *both("patients/<int:pk>", masters.PatientView.as_view(), "patient"),
    *both("tests", masters.TestsView.as_view(), "lab-tests"),
    *both("tests/<int:pk>", masters.TestView.as_view(), "lab-test"),
    *both("panels", masters.PanelsView.as_view(), "panels"),
    *both("panels/<int:pk>", masters.PanelView.as_view(), "panel"),
    *both("testorders", masters.TestOrdersView.as_view(), "test-orders"),
    *both("testorders/<int:pk>", masters.TestOrderView.as_view(), "test-order"),
    *both("settings", books.SettingsView.as_view(), "lab-settings"),
    *both("period-locks", books.PeriodLocksView.as_view(), "period-locks"),
    *both("accounts", books.AccountsView.as_view(), "accounts"),
    *both("accounts/<int:pk>", books.AccountView.as_view(), "account"),
    *both("statements/<int:pk>", reports.StatementView.as_view(), "patient-statement"),
    *both("reports/<str:name>", reports.ReportView.as_view(), "health-report"),
]
