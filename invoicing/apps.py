from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "invoicing"
    verbose_name = "ZATCA invoices"

    def ready(self) -> None:
        from config.db import triggers as triggers_registry
        from config.work import register
        from invoicing import chores, triggers

        triggers_registry.register(triggers.TRIGGERS)
        register(*chores.CHORES)
