from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate


class DaftarConfig(AppConfig):
    name = "config"
    label = "config"
    verbose_name = "Daftar"

    def ready(self) -> None:
        from config import checks as our_checks
        from config.crypto import check_key_ring

        checks.register(our_checks.check_database_settings, checks.Tags.database)
        checks.register(our_checks.check_triggers, checks.Tags.database)  # type: ignore[call-overload]
        checks.register(our_checks.check_authority_addresses, checks.Tags.security)
        checks.register(check_key_ring, checks.Tags.security)
        pre_migrate.connect(_before_migrate, dispatch_uid="daftar.triggers.drop")
        post_migrate.connect(_after_migrate, dispatch_uid="daftar.triggers.install")


# The signals come once for every application; each run is idempotent.
def _before_migrate(**kwargs: object) -> None:
    from config.db.triggers import drop_triggers

    drop_triggers()


def _after_migrate(**kwargs: object) -> None:
    from config.db.triggers import install_triggers

    install_triggers()
