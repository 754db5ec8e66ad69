import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.crypto import (
    CryptoError,
    NotReadable,
    UnknownKey,
    check_key_ring,
    open_sealed,
    rotate,
    seal,
)

OLD, NEW = "old-secret-" * 4, "new-secret-" * 4
HERE = "7:0f0e4d0c:private_key"


@pytest.fixture(autouse=True)
def ring(settings):
    settings.KEY_RING = f"a:{OLD}"
    return settings


def test_what_was_sealed_opens():
    assert open_sealed(seal(b"key", context=HERE), context=HERE) == b"key"
    assert open_sealed(memoryview(seal(b"", context=HERE)), context=HERE) == b""


def test_an_independent_reader_finds_the_documented_layout():
    blob = seal(b"key", context=HERE)
    assert blob[:3] == b"\x01\x01a"
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"daftar:secrets").derive(
        OLD.encode()
    )
    assert AESGCM(key).decrypt(blob[3:15], blob[15:], blob[:3] + HERE.encode()) == b"key"


def test_nothing_shows_through_and_nothing_repeats():
    first, second = seal(b"secret" * 10, context=HERE), seal(b"secret" * 10, context=HERE)
    assert b"secret" not in first
    assert first != second


@pytest.mark.parametrize(
    "context", ["8:0f0e4d0c:private_key", "7:0f0e4d0c:csid_secret", HERE + " "]
)
def test_a_value_moved_elsewhere_does_not_open(context):
    with pytest.raises(NotReadable):
        open_sealed(seal(b"key", context=HERE), context=context)


def test_every_changed_or_missing_byte_is_noticed():
    blob = seal(b"key", context=HERE)
    for place in range(len(blob)):
        changed = bytes((*blob[:place], blob[place] ^ 1, *blob[place + 1 :]))
        for damaged in (changed, blob[:place]):
            with pytest.raises(CryptoError):
                open_sealed(damaged, context=HERE)


@given(st.binary(max_size=80))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_at_all_are_refused_in_words(blob):
    with pytest.raises(CryptoError):
        open_sealed(blob, context=HERE)


def test_a_bare_secret_has_the_id_0(ring):
    ring.KEY_RING = OLD
    blob = seal(b"key", context=HERE)
    assert blob[:3] == b"\x01\x010"
    ring.KEY_RING = f"b:{NEW},0:{OLD}"
    assert open_sealed(blob, context=HERE) == b"key"


def test_a_ring_is_rotated_row_by_row(ring):
    blob = seal(b"key", context=HERE)
    ring.KEY_RING = f"b:{NEW},a:{OLD}"
    renewed = rotate(blob, context=HERE)
    assert renewed[2:3] == b"b"
    assert rotate(renewed, context=HERE) == renewed
    ring.KEY_RING = f"b:{NEW}"
    assert open_sealed(renewed, context=HERE) == b"key"
    with pytest.raises(UnknownKey, match="'a'"):
        open_sealed(blob, context=HERE)


def test_the_same_id_with_another_secret_does_not_open(ring):
    blob = seal(b"key", context=HERE)
    ring.KEY_RING = f"a:{NEW}"
    with pytest.raises(NotReadable):
        open_sealed(blob, context=HERE)


def test_a_context_is_required():
    with pytest.raises(ValueError, match="context"):
        seal(b"key", context="")


@pytest.mark.parametrize(
    "text", ["", "short", "a:short", f"a:{OLD},a:{NEW}", f":{OLD}", f"a:{OLD},", f"ä:{OLD}"]
)
def test_a_ring_that_cannot_be_understood_stops_the_start(ring, text):
    ring.KEY_RING = text
    (found,) = check_key_ring(None)
    assert found.id == "daftar.E010"
    assert OLD not in found.msg
    with pytest.raises(CryptoError):
        seal(b"key", context=HERE)


def test_a_good_ring_is_silent(ring):
    assert check_key_ring(None) == []
    ring.KEY_RING = f"b:{NEW}, a:{OLD}:with:colons"
    assert check_key_ring(None) == []


def test_keys_do_not_show_themselves():
    from config.crypto import _ring

    assert repr(_ring(f"a:{OLD}")) == "KeyRing(first='a')"
