"""The invoice hash, recomputed from any document: ours, a sample, or what came back cleared."""

from base64 import b64encode
from hashlib import sha256

from lxml import etree

from config.xml import parse

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
EXT = "{urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"

# The authority's own inconsistency: base64 of the hexadecimal text of SHA-256("0"), while every
# later hash of the chain is base64 of the raw digest.
FIRST_PIH = b64encode(sha256(b"0").hexdigest().encode()).decode()


def invoice_hash(xml: bytes) -> str:
    """Return the hash of a document: base64 of SHA-256 over its canonical bytes (44 characters).

    Comments, quoting and attribute order do not change it; any white space does. Raises as `parse`.
    """
    return b64encode(sha256(canonical_bytes(xml)).digest()).decode()


def canonical_bytes(xml: bytes) -> bytes:
    """Return what is hashed: inclusive C14N, without the stamp, the signature mark and the QR.

    The text after each removed element stays. Raises as `parse`.
    """
    return canonical_tree_bytes(parse(xml))


def canonical_tree_bytes(root: etree._Element) -> bytes:
    """As `canonical_bytes`, for a parsed document, from which the three blocks are removed."""
    tree = hashed_tree(root)
    return etree.tostring(tree, method="c14n", exclusive=False, with_comments=False)


def hashed_tree(root: etree._Element) -> etree._Element:
    """Take the stamp, the signature mark and the QR out of a parsed document; returns `root`."""
    removed = [
        *root.iter(f"{EXT}UBLExtensions", f"{CAC}Signature"),
        *(
            reference
            for reference in root.iter(f"{CAC}AdditionalDocumentReference")
            if reference.findtext(f"{CBC}ID") == "QR"
        ),
    ]
    for element in removed:
        _remove_keeping_tail(element)
    return root


def _remove_keeping_tail(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)
