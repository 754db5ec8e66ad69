from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "config.jobs"
    label = "jobs"
    verbose_name = "Bulk work and mail"

    def ready(self) -> None:
        from config.db import triggers as triggers_registry
        from config.jobs import chores, triggers
        from config.work import register

        triggers_registry.register(triggers.TRIGGERS)
        register(*chores.CHORES)
