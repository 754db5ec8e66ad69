"""Numbers that India's law gives people and papers a form for. Pure; no Django."""

import re

from stdnum.in_ import gstin

# Rule 46(b) CGST: at most sixteen letters, digits, hyphens and slashes; the portal refuses more.
_INVOICE_NUMBER = re.compile(r"[A-Za-z1-9][A-Za-z0-9/-]{0,15}\Z")
_MOBILE = re.compile(r"(?:\+?91|0)?([6-9][0-9]{9})\Z")


def is_gst_invoice_number(number: str) -> bool:
    """Whether the number may stand on a tax invoice (Rule 46(b))."""
    return _INVOICE_NUMBER.match(number) is not None


def is_gstin(number: str) -> bool:
    """Fifteen characters whose last is the right check digit."""
    return bool(gstin.is_valid(number))


def mobile(number: str) -> str | None:
    """The ten digits of an Indian mobile number, or None where it is none."""
    found = _MOBILE.match(re.sub(r"[\s-]", "", number))
    return found[1] if found else None
