"""What must not leave this package: tokens, passwords, numbers of people, and how to pay a bank.

Works on bytes, not on a parsed tree: what is stored is what travelled, and an answer that broke off
in the middle, or is no XML at all, has to be masked just as well. An element is known by its name,
plain or escaped any number of times, since IMS puts XML into strings.
"""

import html
import re
from collections.abc import Iterable

MASK = "***"
NAMES = (
    "Token",
    "tripleDESEncryptedPassword",
    "password",
    "SSN",
    "FEIN",
    "TaxID",
    "AchOrWireTransfer",
    "CheckToLockbox",
    "AccountNumber",
    "AccountNo",
    "BankAccount",
    "BankAccountNumber",
    "RoutingNumber",
    "RoutingNo",
    "ABANumber",
    "IBAN",
    "SwiftCode",
    # Pictures of invoices, with the bank texts on them.
    "GenerateInvoiceAsPDFResult",
    "GenerateInvoiceResult",
)
_LESS = r"(?:<|&(?:amp;)*(?:lt|#0*60|#x0*3c);)"
_MORE = r"(?:>|&(?:amp;)*(?:gt|#0*62|#x0*3e);)"
_ELEMENT = re.compile(
    rf"(?P<open>{_LESS}(?:[\w.-]+:)?(?P<name>{'|'.join(NAMES)})"
    rf"(?:\s(?:(?!{_MORE})[^<])*+)?(?<!/){_MORE})"
    rf"(?P<text>.*?)(?P<close>{_LESS}/(?:[\w.-]+:)?(?P=name)\s*{_MORE}|\Z)",
    re.DOTALL | re.IGNORECASE,
)
# In the payload that a procedure is given, as JSON in a string.
_JSON = re.compile(
    r"(?P<open>(?P<quote>\"|&(?:amp;)*quot;)(?:ssn|fein|tax_id|password|token|account_number"
    r"|routing_number|iban)(?P=quote)\s*:\s*)(?:(?P=quote).*?(?P=quote)|[\w.+-]+)",
    re.DOTALL | re.IGNORECASE,
)


def mask_text(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with every known element's content, and every one of `secrets`, struck out."""
    text = _ELEMENT.sub(rf"\g<open>{MASK}\g<close>", text)
    text = _JSON.sub(rf"\g<open>\g<quote>{MASK}\g<quote>", text)
    for secret in secrets:
        for form in {secret, html.escape(secret, quote=False)} - {""}:
            text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
    return text


def mask(body: bytes, secrets: Iterable[str] = ()) -> bytes:
    """As `mask_text`, for a body. One in another encoding than UTF-8 is left out entirely."""
    if b"\0" in body or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return f"[{len(body)} bytes that are not UTF-8]".encode()
    # Latin-1 takes every byte to a character and back, so that nothing else changes.
    secrets = [secret.encode().decode("latin-1") for secret in secrets]
    return mask_text(body.decode("latin-1"), secrets).encode("latin-1")
