from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "config.delivery"
    label = "delivery"
    verbose_name = "Bulk work and mail"

    def ready(self) -> None:
        from config.db import triggers as triggers_registry
        from config.delivery import chores, triggers
        from config.work import register

        triggers_registry.register(triggers.TRIGGERS)
        register(*chores.CHORES)
