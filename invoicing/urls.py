"""Routes below /api/v1/. The named paths come before the number, which may hold slashes."""

from config.routing import both
from invoicing.api import directory, units, views

urlpatterns = [
    *both("invoices", views.InvoicesView.as_view(), "invoices"),
    *both("invoices/logs", views.LogsView.as_view(), "invoice-logs"),
    *both("invoices/<int:pk>", views.InvoiceView.as_view(), "invoice"),
    *both("invoices/<int:pk>/retry", views.RetryView.as_view(), "invoice-retry"),
    *both("invoices/<int:pk>/logs", views.InvoiceLogsView.as_view(), "invoice-own-logs"),
    *both("invoices/<int:pk>/timeline", views.TimelineView.as_view(), "invoice-timeline"),
    *both("invoices/<int:pk>/xml", views.XMLView.as_view(), "invoice-xml"),
    *both("invoices/<int:pk>/qr", views.QRView.as_view(), "invoice-qr"),
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
    *both("egs-units/<int:pk>/resume", units.ResumeView.as_view(), "egs-unit-resume"),
]
