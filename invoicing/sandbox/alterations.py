"""Ways in which a cleared document comes back as another than the one that was cleared."""

import base64
import re
from collections.abc import Mapping

# What is replaced, once, by what; nothing is stamped again.
_PARTS: Mapping[str, tuple[bytes, bytes]] = {
    "total": (rb"(<cbc:PayableAmount[^>]*>)([^<]*)", rb"\g<1>1\g<2>"),
    "number": (rb"(<cbc:ID>)([^<]*)(</cbc:ID>\s*<cbc:UUID>)", rb"\g<1>X\g<2>\g<3>"),
    "uuid": (rb"(<cbc:UUID>)........", rb"\g<1>00000000"),
    "space": (rb"(</cac:InvoiceLine>)(\s*</Invoice>)", rb"\g<1>\n \g<2>"),
    "stamp": (rb"(<ds:SignatureValue>).{8}", rb"\g<1>AAAAAAAA"),
    "signing_time": (rb"(<xades:SigningTime>)\d{4}", rb"\g<1>2020"),
    "qr": (rb"(<cbc:ID>QR</cbc:ID>.*?<cbc:EmbeddedDocumentBinaryObject[^>]*>)....", rb"\g<1>AQNY"),
}


def altered(cleared: str, part: str) -> str:
    """The base64 text of a cleared document with one part changed. KeyError for another part."""
    pattern, replacement = _PARTS[part]
    document = re.sub(pattern, replacement, base64.b64decode(cleared), count=1, flags=re.S)
    return base64.b64encode(document).decode()
