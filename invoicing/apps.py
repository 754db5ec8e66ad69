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
        from config.delivery import letters
        from config.jobs import runners
        from config.work import register
        from invoicing import chores, triggers
        from invoicing.services import archiving, bulk, mailing

        triggers_registry.register(triggers.TRIGGERS)
        register(*chores.CHORES)
        letters.register(mailing.KIND, mailing.write_letter)
        runners.register(
            # What it holds can be fetched one by one with the same permission.
            runners.Runner(bulk.PDF_ZIP, "PDFs as a zip", "invoices:read", bulk.run_pdf_zip),
            runners.Runner(archiving.ARCHIVE, "Archive", "invoices:export", archiving.run_archive),
        )
