from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = "Laboratory"

    def ready(self) -> None:
        from config.db import triggers as triggers_registry
        from config.delivery import letters
        from health import triggers
        from health.services import mailing

        triggers_registry.register(triggers.TRIGGERS)
        letters.register(mailing.KIND, mailing.write_letter)
