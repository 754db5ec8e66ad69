from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "invoicing"
    verbose_name = "ZATCA invoices"

    def ready(self) -> None:
        from config.db import triggers as triggers_registry
        from config.printing.links import Source, register_source
        from config.work import register
        from invoicing import chores, triggers
        from invoicing.services import printing

        triggers_registry.register(triggers.TRIGGERS)
        register(*chores.CHORES)
        register_source(printing.LINK_KIND, Source(printing.linked_page, printing.linked_pdf))
