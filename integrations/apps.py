from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Partners' systems. Today only the stand-in IMS, for trying a client against."""

    name = "integrations"
    verbose_name = "Integrations"
