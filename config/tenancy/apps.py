from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "config.tenancy"
    label = "tenancy"
    verbose_name = "House"

    def ready(self) -> None:
        # Registers the security schemes of the OpenAPI document.
        from config.tenancy import schema  # noqa: F401
