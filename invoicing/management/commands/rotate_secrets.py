from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.crypto import CryptoError
from config.management.options import counted
from invoicing.services.rotation import rotate_secrets


class Command(BaseCommand):
    """Seal stored secrets under the ring's first key, so that the old key can be dropped.

    Web and worker must run with the new ring by then, or they may seal with the old key once more.
    """

    help = "Seal all private keys and CSID secrets anew under the first key of DAFTAR_KEY_RING."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = rotate_secrets()
        except CryptoError as trouble:
            raise CommandError(f"A secret cannot be opened: {trouble}") from trouble
        self.stdout.write(f"{counted(changed, 'secret')} sealed anew.")
