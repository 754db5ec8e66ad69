"""Secrets at rest: AES-256-GCM under a key ring that lives outside the database (contracts 27).

A sealed value is bound to its place by `context`, the text ``tenant:uuid:purpose``: copied into
another row it does not open. Every value names the key that sealed it, so that a ring can be
rotated row by row: put the new key first in DAFTAR_KEY_RING, `rotate` every value, then drop the
old key.

    version 1 | length of key id | key id | nonce, 12 bytes | ciphertext and tag
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.checks import CheckMessage, Error

VERSION = 1
NONCE_BYTES = 12
SHORTEST_SECRET = 32
KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class CryptoError(Exception):
    """A sealed value that cannot be opened here. The text never holds key, plaintext or blob."""


class KeyRingInvalid(CryptoError):
    """DAFTAR_KEY_RING cannot be understood."""


class UnknownKey(CryptoError):
    """The value was sealed with a key that is no longer, or not yet, in the ring."""


class NotReadable(CryptoError):
    """Damaged, cut short, not ours, or sealed for another context."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The AES keys by id; `first` is the id that seals. Its repr shows ids only."""

    first: str
    ciphers: Mapping[str, AESGCM] = field(repr=False)


def seal(plaintext: bytes, *, context: str) -> bytes:
    """Encrypt under the ring's first key, bound to `context`. Two calls never give equal bytes."""
    ring = _ring(settings.KEY_RING)
    key_id = ring.first.encode("ascii")
    header = bytes((VERSION, len(key_id))) + key_id
    nonce = os.urandom(NONCE_BYTES)
    sealed = ring.ciphers[ring.first].encrypt(nonce, plaintext, _bound(header, context))
    return header + nonce + sealed


def open_sealed(blob: bytes, *, context: str) -> bytes:
    """The plaintext of `blob`; UnknownKey or NotReadable otherwise, never a wrong plaintext."""
    # PostgreSQL hands a BinaryField back as a memoryview.
    blob = bytes(blob)
    header, key_id = _header(blob)
    cipher = _ring(settings.KEY_RING).ciphers.get(key_id)
    if cipher is None:
        raise UnknownKey(f"No key {key_id!r} in DAFTAR_KEY_RING.")
    body = blob[len(header) :]
    try:
        return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bound(header, context))
    except (InvalidTag, ValueError):
        raise NotReadable("The sealed value is damaged or belongs elsewhere.") from None


def rotate(blob: bytes, *, context: str) -> bytes:
    """`blob` under the ring's first key; unchanged when it already is. Opens it in any case."""
    blob = bytes(blob)
    plaintext = open_sealed(blob, context=context)
    if _header(blob)[1] == _ring(settings.KEY_RING).first:
        return blob
    return seal(plaintext, context=context)


def check_key_ring(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A system check: the ring can be read and a value sealed now opens now."""
    try:
        context = "check:key-ring:probe"
        if open_sealed(seal(b"probe", context=context), context=context) == b"probe":
            return []
        reason = "a probe did not come back"
    except CryptoError as error:
        reason = str(error)
    return [
        Error(
            f"Secrets cannot be sealed: {reason}",
            hint="DAFTAR_KEY_RING is a secret, or id:secret pairs separated by commas.",
            id="daftar.E010",
        )
    ]


def _bound(header: bytes, context: str) -> bytes:
    if not context:
        raise ValueError("A sealed value needs a context such as tenant:uuid:purpose.")
    return header + context.encode()


def _header(blob: bytes) -> tuple[bytes, str]:
    """The bytes before the nonce, and the key id in them."""
    if len(blob) < 2 or blob[0] != VERSION or len(blob) < 2 + blob[1] + NONCE_BYTES:
        raise NotReadable("The sealed value is damaged or not ours.")
    header = blob[: 2 + blob[1]]
    try:
        return header, header[2:].decode("ascii")
    except UnicodeDecodeError:
        raise NotReadable("The sealed value is damaged or not ours.") from None


# Derived once per text of the setting, so that a test that swaps the ring gets the other keys.
@lru_cache(maxsize=8)
def _ring(text: str) -> KeyRing:
    ciphers: dict[str, AESGCM] = {}
    for position, entry in enumerate(part.strip() for part in text.split(",")):
        key_id, secret = entry.split(":", 1) if ":" in entry else ("0", entry)
        if not KEY_ID.fullmatch(key_id) or key_id in ciphers:
            raise KeyRingInvalid(f"Entry {position + 1} needs an id of its own before the colon.")
        if len(secret) < SHORTEST_SECRET:
            raise KeyRingInvalid(
                f"The secret of key {key_id!r} is shorter than {SHORTEST_SECRET} characters."
            )
        ciphers[key_id] = AESGCM(_derived(secret))
    return KeyRing(first=next(iter(ciphers)), ciphers=ciphers)


def _derived(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"daftar:secrets").derive(
        secret.encode()
    )
