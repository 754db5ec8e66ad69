from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = "Laboratory"

    def ready(self) -> None:
        from config.db import triggers as triggers_registry
        from health import triggers

        triggers_registry.register(triggers.TRIGGERS)
