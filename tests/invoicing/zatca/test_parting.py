"""Where two documents part, and why: each accident that users ask about, done on purpose."""

import re
import unicodedata
from dataclasses import replace

import pytest
from lxml import etree

from config.xml import parse
from invoicing.zatca.hashing import canonical_bytes
from invoicing.zatca.parting import parting
from tests.invoicing.zatca.samples import SAMPLES, read_sample
from tests.invoicing.zatca.trade import TEA, document


@pytest.fixture
def xml(sealed) -> bytes:
    return sealed(document()).xml


def indented(xml: bytes) -> bytes:
    root = parse(xml)
    etree.indent(root, space="  ")
    return etree.tostring(root)


def with_other_prefixes(xml: bytes) -> bytes:
    return re.sub(rb"(</?|xmlns:)cbc\b", rb"\1basic", xml)


def with_reordered_parties(xml: bytes) -> bytes:
    root = parse(xml)
    supplier = root.find("{*}AccountingSupplierParty")
    customer = root.find("{*}AccountingCustomerParty")
    customer.addnext(supplier)
    return etree.tostring(root)


ACCIDENTS = {
    "indentation": indented,
    "prefixes": with_other_prefixes,
    "line_ends": lambda xml: xml.replace(b"</cbc:ProfileID>", b"</cbc:ProfileID>&#13;"),
    "spaces": lambda xml: xml.replace(b">Tea<", b"> Tea <"),
    "numbers": lambda xml: xml.replace(
        b">115.00</cbc:RoundingAmount>", b">115</cbc:RoundingAmount>"
    ),
    "order": with_reordered_parties,
    "value": lambda xml: xml.replace(b">Tea<", b">Coffee<"),
}


@pytest.mark.parametrize("cause", ACCIDENTS)
def test_each_accident_is_named(sealed, cause):
    xml = sealed(document(simplified=False)).xml
    other = ACCIDENTS[cause](xml)
    assert other != xml

    found = parting(xml, other)

    assert found.cause == cause
    # The first byte that differs, counted by hand.
    ours, theirs = canonical_bytes(xml), canonical_bytes(other)
    assert ours[: found.at] == theirs[: found.at]
    assert ours[found.at : found.at + 1] != theirs[found.at : found.at + 1]


def test_letters_composed_otherwise(sealed):
    name = "أرز"  # the first letter can be written as one code point or as two
    assert unicodedata.normalize("NFD", name) != name
    ours, theirs = (
        sealed(document(lines=(replace(TEA, name=spelled),))).xml
        for spelled in (name, unicodedata.normalize("NFD", name))
    )

    assert parting(ours, theirs).cause == "unicode"


@pytest.mark.parametrize(
    "harmless",
    [
        lambda xml: b"\xef\xbb\xbf" + xml,
        lambda xml: xml.replace(b"\n", b"\r\n"),
        lambda xml: xml.replace(b"<cac:InvoiceLine>", b"<!-- a line --><cac:InvoiceLine>"),
        lambda xml: re.sub(rb"(?<=<ds:SignatureValue>)[^<]+", b"AAAA", xml),
    ],
    ids=["a byte order mark", "CRLF", "comments", "another stamp"],
)
def test_what_is_not_hashed_is_no_difference(xml, harmless):
    assert harmless(xml) != xml
    assert parting(xml, harmless(xml)) is None


def test_a_value_is_told_with_its_place(xml):
    found = parting(xml, xml.replace(b">Tea<", b">Coffee<"))

    assert found.where == "Invoice/InvoiceLine[2]/Item/Name"
    assert found.sentence == "Invoice/InvoiceLine[2]/Item/Name says 'Coffee' instead of 'Tea'."
    assert (">Tea<" in found.ours, ">Coffee<" in found.theirs) == (True, True)


def test_a_missing_element_is_told_with_what_stands_there(xml):
    found = parting(xml, re.sub(rb"<cbc:ProfileID>.*?</cbc:ProfileID>\s*", b"", xml, flags=re.S))

    assert found.cause == "value"
    assert "ProfileID" in found.sentence


@pytest.mark.parametrize("name", SAMPLES[3:5])
def test_an_official_sample_laid_out_anew(reference, name):
    sample = read_sample(reference, name)

    assert parting(sample, indented(sample)).cause == "indentation"
