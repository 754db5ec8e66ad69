"""A document laid open: every digest as stated and as it is, and the wrong recipe by its name."""

import re
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from lxml import etree

from config.xml import parse
from invoicing.zatca.anatomy import dissect
from invoicing.zatca.hashing import canonical_bytes
from invoicing.zatca.recipes import UNKNOWN_HASH
from invoicing.zatca.signing import LocalSigner, generate_private_key
from tests.invoicing.zatca.samples import SAMPLES, read_sample
from tests.invoicing.zatca.trade import document


@pytest.fixture
def xml(sealed) -> bytes:
    return sealed(document()).xml


def raw(data: bytes) -> bytes:
    return b64encode(sha256(data).digest())


def hexadecimal(data: bytes) -> bytes:
    return b64encode(sha256(data).hexdigest().encode())


def stating(xml: bytes, digest: bytes, *, nth: int = 0) -> bytes:
    """The document with its n-th stated digest replaced."""
    found = list(re.finditer(rb"(?<=<ds:DigestValue>)[^<]+", xml))[nth]
    return xml[: found.start()] + digest + xml[found.end() :]


def why(xml: bytes, name: str) -> str:
    [check] = [check for check in dissect(xml).checks if check.name == name]
    assert not check.holds
    return check.why


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_holds_in_the_official_samples(reference, name):
    anatomy = dissect(read_sample(reference, name))

    assert [check.name for check in anatomy.checks if not check.holds] == []
    assert [check.name for check in anatomy.checks][:5] == [
        "invoice hash",
        "digest of the signed properties",
        "certificate digest",
        "certificate serial number",
        "signature",
    ]


def test_the_hash_is_over_the_canonical_bytes(xml):
    anatomy = dissect(xml)

    assert anatomy.holds
    assert anatomy.invoice_hash == raw(anatomy.canonical).decode()
    assert b"UBLExtensions" not in anatomy.canonical
    assert anatomy.properties.startswith('<xades:SignedProperties xmlns:xades="http://uri.etsi')


def c14n(xml: bytes, *, exclusive: bool) -> bytes:
    return etree.tostring(parse(xml), method="c14n", exclusive=exclusive)


RECIPES = {
    "hexadecimal text": lambda xml: hexadecimal(canonical_bytes(xml)),
    "XML declaration": lambda xml: raw(
        b"<?xml version='1.0' encoding='UTF-8'?>\n" + canonical_bytes(xml)
    ),
    "CRLF": lambda xml: raw(canonical_bytes(xml).replace(b"\n", b"\r\n")),
    "exclusive C14N": lambda xml: raw(
        etree.tostring(parse(canonical_bytes(xml)), method="c14n", exclusive=True)
    ),
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_hash_made_by_a_wrong_recipe_is_recognised(xml, recipe):
    xml = xml.replace(b"<cac:InvoiceLine>", b"\n<cac:InvoiceLine>")
    assert recipe in why(stating(xml, RECIPES[recipe](xml)), "invoice hash")


def test_a_file_indented_after_it_was_signed(xml):
    root = parse(xml)
    for element in root.iter():
        if not (element.tail or "").strip():
            element.tail = None
        if len(element) and not (element.text or "").strip():
            element.text = None
    minified = etree.tostring(root)
    signed = stating(minified, raw(canonical_bytes(minified)))
    laid_out = parse(signed)
    etree.indent(laid_out, space="    ")

    assert "pretty-printed" in why(etree.tostring(laid_out), "invoice hash")
    assert "minified" in why(
        stating(minified, raw(canonical_bytes(etree.tostring(laid_out)))), "invoice hash"
    )


def test_content_changed_after_it_was_signed(xml):
    changed = xml.replace(b">Tea<", b">Coffee<")

    assert why(changed, "invoice hash") == UNKNOWN_HASH
    assert "changed after it was signed" in why(changed, "signature")
    assert "another document" in why(changed, "hash in the QR code")


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        (lambda text: raw(text), "raw digest"),
        (lambda text: hexadecimal(text.replace(b"\n", b"\r\n")), "CRLF"),
        (lambda text: hexadecimal(re.sub(rb"\s*\n\s*", b"", text)), "without white space"),
    ],
)
def test_a_digest_of_the_signed_properties_by_a_wrong_recipe(xml, digest, said):
    printed = dissect(xml).properties.encode()

    assert said in why(stating(xml, digest(printed), nth=1), "digest of the signed properties")


def test_a_changed_signing_time_breaks_the_properties_alone(xml):
    anatomy = dissect(xml.replace(b"<xades:SigningTime>2026", b"<xades:SigningTime>2025"))

    broken = [check.name for check in anatomy.checks if not check.holds]
    assert broken == ["digest of the signed properties"]


def test_a_certificate_digest_over_the_der(xml, certificate):
    der = b64decode(certificate.base64_der)

    assert "over the DER" in why(stating(xml, hexadecimal(der), nth=2), "certificate digest")


def test_signatures_of_another_make(xml):
    def signed(value: bytes) -> bytes:
        return re.sub(rb"(?<=<ds:SignatureValue>)[^<]+", value, xml)

    foreign = b64encode(LocalSigner(generate_private_key()).sign(bytes(32)))
    assert "another key" in why(signed(foreign), "signature")
    assert "64 bytes" in why(signed(b64encode(bytes(64))), "signature")
    assert "not base64" in why(signed(b"!"), "signature")


def test_remarks_about_the_file(xml):
    marked = dissect(b"\xef\xbb\xbf" + xml.replace(b"\n", b"\r\n"))

    assert marked.holds
    assert ["byte order mark" in marked.remarks[0], "CRLF" in marked.remarks[1]] == [True, True]
    assert dissect(b"<Invoice/>").remarks == (
        "The document has no stamp, so that it states no hash of its own.",
    )
