"""The one place where XML is parsed. Imports lxml only, so that the pure packages may use it.

libxml2's own limits stay on (depth 256, 10 MB of text, entity amplification). They are not enough:
with entities unresolved a DOCTYPE still parses, and its text silently disappears.
"""

from lxml import etree

MAX_BYTES = 5 * 1024 * 1024


class XMLRefused(ValueError):
    """Not XML that we read: `code` is xml_too_large, xml_malformed or xml_doctype."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def parse(data: bytes) -> etree._Element:
    """The root of the document in `data`, with its white space and comments as they are.

    Nothing is fetched, no entity is expanded, no DOCTYPE is accepted. Raises XMLRefused.
    """
    if len(data) > MAX_BYTES:
        raise XMLRefused("xml_too_large", f"The document is larger than {MAX_BYTES} bytes.")
    # One parser per document: lxml serialises threads that share one.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XMLRefused("xml_malformed", f"The document is not XML: {error}.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise XMLRefused("xml_doctype", "A document with a DOCTYPE is not read.")
    return root
