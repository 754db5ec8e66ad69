"""The composition root: every route of the house."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config import api, health
from config.routing import both

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    *both("healthz", health.healthz, "healthz"),
    *both("readyz", health.readyz, "readyz"),
    path("api/v1/", include("config.tenancy.urls")),
    path("api/v1/", include("config.printing.urls")),
    path("api/v1/", include("config.jobs.urls")),
    path("api/v1/", include("invoicing.urls")),
    path("api/v1/health/", include("health.urls")),
    path("", include("integrations.urls")),
    path("", include("config.printing.views")),
    *both("api/schema", SpectacularAPIView.as_view(), "schema"),
    *both("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), "docs"),
    path("api/", include("config.catalogue")),
    re_path(r"^(triton/)?api/", api.page_not_found),
]
handler400 = "config.api.bad_request"
handler403 = "config.api.permission_denied"
handler404 = "config.api.page_not_found"
handler500 = "config.api.server_error"
