"""Routes below /api/v1/."""

from config.printing.api import BrandingView
from config.routing import both

urlpatterns = [*both("tenant/branding", BrandingView.as_view(), "branding")]
