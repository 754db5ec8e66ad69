from django.apps import AppConfig


class PrintingConfig(AppConfig):
    """Typesetting, fonts and signed links; knows nothing of what is printed."""

    name = "config.printing"
    label = "printing"
    verbose_name = "House"
