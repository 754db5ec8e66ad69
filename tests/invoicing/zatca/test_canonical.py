"""What is hashed when a document is sealed is its canonical form, though nothing parsed it."""

from base64 import b64encode
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from invoicing.zatca import ubl
from invoicing.zatca.documents import (
    Adjustment,
    DocumentKind,
    PaymentMeans,
    TransactionFlags,
    VatCategory,
)
from invoicing.zatca.errors import DocumentInvalid
from invoicing.zatca.hashing import FIRST_PIH, canonical_bytes
from invoicing.zatca.totals import totals
from tests.invoicing.zatca.trade import HIJAZ, RICE, document

XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r&<>\"' "),
    max_size=40,
)
NAMESPACES = {
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
LEFT_OUT = "//ext:UBLExtensions | //cac:Signature | //cac:AdditionalDocumentReference[cbc:ID='QR']"


def canonical_by_lxml(xml: bytes) -> bytes:
    """The authority's definition, without a line of ours: XPath, then inclusive C14N."""
    root = etree.fromstring(xml)
    for element in root.xpath(LEFT_OUT, namespaces=NAMESPACES):
        assert not element.tail
        element.getparent().remove(element)
    return etree.tostring(root, method="c14n")


def a_document(kind, simplified, text, attribute):
    """A document that has every optional element and `text` wherever a caller can write."""
    line = replace(
        RICE,
        name=text,
        unit_code=attribute,
        base_quantity=Decimal("2"),
        price_discount=Decimal("0.5"),
        adjustments=(Adjustment(True, Decimal("1"), reason=text, reason_code=text),),
    )
    buyer = replace(HIJAZ, name=text, id_scheme=attribute, id_number=text)
    return document(
        kind,
        simplified=simplified,
        lines=(line, RICE),
        customer=None if simplified else buyer,
        flags=TransactionFlags(continuous=True),
        adjustments=(
            Adjustment(
                False,
                percent=Decimal("5"),
                base=Decimal("10"),
                reason=text,
                category=VatCategory.S,
                rate=Decimal("15"),
            ),
        ),
        notes=(text, text),
        order_reference=text,
        contract_reference=text,
        payment_means=PaymentMeans("30", text, text),
        number=text,
    )


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(DocumentKind), st.booleans(), XML_TEXT, XML_TEXT)
def test_the_hashed_bytes_are_the_canonical_bytes(kind, simplified, text, attribute):
    doc = a_document(kind, simplified, text, attribute)
    body = ubl.write(doc, totals(doc), icv=7, pih=FIRST_PIH)
    stamp = b"<ext:UBLExtensions><ext:UBLExtension></ext:UBLExtension></ext:UBLExtensions>"
    finished = body.finished(stamp=stamp, qr="AQID")

    assert canonical_by_lxml(finished) == body.canonical()
    assert canonical_bytes(finished) == body.canonical()


def test_the_stated_hash_is_that_of_the_canonical_form(sealed):
    one = sealed(document())

    digest = sha256(canonical_by_lxml(one.xml)).digest()
    assert one.invoice_hash == b64encode(digest).decode()


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_cannot_hold_is_refused(character, sealed):
    with pytest.raises(DocumentInvalid):
        sealed(document(number=f"INV{character}1"))


def test_changes_of_form_leave_the_hash_alone(sealed):
    one = sealed(document())
    reformed = (
        one.xml.replace(b"<cbc:ID>1</cbc:ID>", b"<cbc:ID><![CDATA[1]]></cbc:ID>")
        .replace(b"reporting:1.0", b"<!-- note -->reporting&#58;1.0")
        .replace(
            b"<cac:AccountingCustomerParty></cac:AccountingCustomerParty>",
            b"<cac:AccountingCustomerParty />",
        )
    )

    assert reformed != one.xml
    assert canonical_bytes(reformed) == canonical_bytes(one.xml)


def test_text_behind_a_removed_block_stays_in_the_hash(sealed):
    one = sealed(document())
    spaced = one.xml.replace(b"</cac:Signature>", b"</cac:Signature>\n")

    assert canonical_bytes(spaced).count(b"\n") == canonical_bytes(one.xml).count(b"\n") + 1


def test_numbers_have_neither_exponent_nor_negative_zero(sealed):
    minus_nothing = replace(
        RICE, quantity=Decimal("1E+3"), unit_price=Decimal("-0.00"), rate=Decimal("1.5E+1")
    )
    xml = sealed(document(lines=(minus_nothing,), payable_rounding=Decimal("-0"))).xml

    assert b">1000</cbc:InvoicedQuantity>" in xml
    assert b">0.00</cbc:PriceAmount>" in xml
    assert b"<cbc:Percent>15.00</cbc:Percent>" in xml
    assert b">-0" not in xml
