"""Routes below /api/v1/. The named paths come before the number, which may hold slashes."""

from config.routing import both
from invoicing.api import checking, deliveries, directory, printing, reconciliations, units, views

urlpatterns = [
    *both("invoices", views.InvoicesView.as_view(), "invoices"),
    *both("invoices/validate", checking.ValidateView.as_view(), "invoices-validate"),
    *both("invoices/logs", views.LogsView.as_view(), "invoice-logs"),
    *both(
        "invoices/reconciliations", reconciliations.ReconciliationsView.as_view(), "reconciliations"
    ),
    *both(
        "invoices/reconciliations/<int:pk>",
        reconciliations.ReconciliationView.as_view(),
        "reconciliation",
    ),
    *both(
        "invoices/reconciliation-findings/<int:pk>/explain",
        reconciliations.ExplainView.as_view(),
        "finding-explain",
    ),
    *both("invoices/<int:pk>", views.InvoiceView.as_view(), "invoice"),
    *both("invoices/<int:pk>/retry", views.RetryView.as_view(), "invoice-retry"),
    *both("invoices/<int:pk>/logs", views.InvoiceLogsView.as_view(), "invoice-own-logs"),
    *both("invoices/<int:pk>/timeline", views.TimelineView.as_view(), "invoice-timeline"),
    *both("invoices/<int:pk>/xml", views.XMLView.as_view(), "invoice-xml"),
    *both("invoices/<int:pk>/qr", views.QRView.as_view(), "invoice-qr"),
    *both("invoices/<int:pk>/pdf", printing.PDFView.as_view(), "invoice-pdf"),
    *both("invoices/<int:pk>/link", printing.LinkView.as_view(), "invoice-link"),
    *both("invoices/<int:pk>/email", deliveries.EmailView.as_view(), "invoice-email"),
    *both("invoices/pdf-zip", deliveries.PDFZipView.as_view(), "invoices-pdf-zip"),
    *both("invoices/archive", deliveries.ArchiveView.as_view(), "invoices-archive"),
    *both("invoices/<path:invoice_number>/status", views.StatusView.as_view(), "invoice-status"),
    *both("buyers", directory.BuyersView.as_view(), "buyers"),
    *both("buyers/<int:pk>", directory.BuyerView.as_view(), "buyer"),
    *both("products", directory.ProductsView.as_view(), "products"),
    *both("products/<int:pk>", directory.ProductView.as_view(), "product"),
    *both("egs-units", units.UnitsView.as_view(), "egs-units"),
    *both("egs-units/<int:pk>", units.OneUnitView.as_view(), "egs-unit"),
    *both("egs-units/<int:pk>/onboard", units.OnboardView.as_view(), "egs-unit-onboard"),
    *both(
        "egs-units/<int:pk>/certificate", units.CertificateView.as_view(), "egs-unit-certificate"
    ),
    *both("egs-units/<int:pk>/renew", units.RenewView.as_view(), "egs-unit-renew"),
    *both("egs-units/<int:pk>/revoke", units.RevokeView.as_view(), "egs-unit-revoke"),
    *both("egs-units/<int:pk>/pause", units.PauseView.as_view(), "egs-unit-pause"),
    *both("egs-units/<int:pk>/resume", units.ResumeView.as_view(), "egs-unit-resume"),
]
