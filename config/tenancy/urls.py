"""Routes below /api/v1/."""

from config.routing import both
from config.tenancy.api import ApiKeysView, ApiKeyView, LoginView, RefreshView, TenantView

urlpatterns = [
    *both("auth/login", LoginView.as_view(), "login"),
    *both("auth/refresh", RefreshView.as_view(), "refresh"),
    *both("tenant", TenantView.as_view(), "tenant"),
    *both("api-keys", ApiKeysView.as_view(), "api-keys"),
    *both("api-keys/<int:pk>", ApiKeyView.as_view(), "api-key"),
]
