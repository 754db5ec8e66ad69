from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "IMS policies"

    def ready(self) -> None:
        from config.db import triggers as triggers_registry
        from config.work import register
        from integrations import chores, triggers

        triggers_registry.register(triggers.TRIGGERS)
        register(*chores.CHORES)
