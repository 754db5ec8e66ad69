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


# Digits in any grouping; letters too after an IBAN's country.
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?P<label>\b(?:account|acct|a/c|aba|routing|transit|sort code|lockbox)\b"
    r"(?:[\s:#.]|\b(?:no|num|number|nbr)\b)*)(?P<digits>\d(?:[ ./-]{0,3}\d)*)",
    re.IGNORECASE,
)
_LONG = re.compile(r"\d(?:[ ./-]{0,3}\d){4,}")
SHOWN = 4


def mask_accounts(text: str) -> str:
    """Account numbers as ****1234, however they are grouped; of a short one less than half.

    Any five digits are taken for one, and fewer where a word says so: a telephone number that is
    struck out is looked up, an account number that is not cannot be called back.
    """
    text = _IBAN.sub(lambda found: _tail(found[0]), text)
    text = _LABELLED.sub(lambda found: found["label"] + _tail(found["digits"]), text)
    return _LONG.sub(lambda found: _tail(found[0]), text)


def _tail(number: str) -> str:
    digits = re.sub(r"[^0-9A-Za-z]", "", number)
    shown = min(SHOWN, (len(digits) - 1) // 2)
    return "****" + (digits[-shown:] if shown else "")
