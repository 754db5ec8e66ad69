"""Seal the stored secrets of all units anew under the first key of DAFTAR_KEY_RING."""

from config import crypto
from invoicing.models import Chain

# Each column with the purpose that its ciphertext is bound to (Chain.context).
SEALED = {
    "private_key_sealed": "private_key",
    "secret_sealed": "secret",
    "compliance_secret_sealed": "compliance_secret",
}


def rotate_secrets() -> int:
    """Bring every private key and CSID secret under the ring's first key; how many changed.

    One commit per value, by compare-and-set, so that it may run beside everything else and again
    after it broke off. Raises CryptoError where a value cannot be opened; those before it stay
    rotated.
    """
    changed = 0
    for chain in Chain.objects.select_related("unit").order_by("pk").iterator():
        for column, purpose in SEALED.items():
            sealed = getattr(chain, column)
            if sealed is None:
                continue
            before = bytes(sealed)
            after = crypto.rotate(before, context=chain.context(purpose))
            if after != before:
                same = Chain.objects.filter(pk=chain.pk, **{column: before})
                changed += same.update(**{column: after})
    return changed
