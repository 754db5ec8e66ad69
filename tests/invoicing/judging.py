"""A request judged twice, without database or network: by our rules at the door, by the official
ones on the document that comes of it.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework.exceptions import ValidationError

from config.tenancy.models import Tenant
from config.validation import field_errors
from invoicing import judge
from invoicing.api.requests import InvoiceRequestSerializer
from invoicing.models import EGSUnit
from invoicing.services.documents import document_of, seller_of
from invoicing.zatca import rules
from invoicing.zatca.documents import Document
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.sealing import seal
from invoicing.zatca.signing import Certificate, LocalSigner, generate_private_key
from tests.invoicing.conftest import NAJD_VAT, UNIT
from tests.invoicing.document_table import TODAY
from tests.invoicing.payloads import ISSUED_AT
from tests.invoicing.zatca.conftest import issue_certificate

TENANT = Tenant(company_name="Najd", environment="SANDBOX", vat_number=NAJD_VAT)
SELLER = seller_of(EGSUnit(vat_number=NAJD_VAT, id_scheme="CRN", **UNIT))
RIYADH = ZoneInfo("Asia/Riyadh")


class Refused(AssertionError):
    """The request rules refuse a basket that is legal."""


class Unclean(AssertionError):
    """The official rules find something in a document that the request rules let pass."""


def judge_legal(request: dict[str, Any]) -> str:
    """Judge a basket that is legal by construction. Raises Refused and Unclean."""
    document, found = at_the_door(request)
    if document is None:
        raise Refused(found)
    require_clean(document)
    return "clean"


def judge_spoiled(request: dict[str, Any]) -> str:
    """Judge a basket that may be anything. Raises Unclean, AssertionError for a mute refusal."""
    document, found = at_the_door(request)
    if document is not None:
        require_clean(document)
        return "clean"
    assert all(where and english and arabic for where, english, arabic in found), found
    return "refused"


def at_the_door(request: dict[str, Any]) -> tuple[Document | None, list[tuple[str, str, str]]]:
    """The document that a request asks for, or what is wrong: field, English, Arabic."""
    serializer = InvoiceRequestSerializer(data=request, context={"tenant": TENANT})
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as error:
        found = field_errors(error.detail)
        return None, [(item.param, item.message, item.message_ar) for item in found]
    payload = serializer.payload
    # Without a number the request is legal, too: a series gives one.
    number = payload.get("invoice_number", "F-1")
    document = document_of(payload, SELLER, number, RIYADH)
    if broken := rules.check(document, today=TODAY):
        return None, [
            (item.path, f"{item.rule} {item.message} {item.got}", item.message_ar)
            for item in broken
        ]
    return document, []


def require_clean(document: Document) -> None:
    """Seal the document and have the official rules find nothing in it."""
    now = datetime.fromisoformat(ISSUED_AT)
    signer, certificate = _stamp()
    one = seal(
        document, icv=1, pih=FIRST_PIH, signer=signer, certificate=certificate, signed_at=now
    )
    verdict = judge.official_verdict(one.xml, evaluated_at=now, previous_hash=FIRST_PIH)
    if verdict.findings or not verdict.complete:
        raise Unclean([(item.rule, item.message) for item in verdict.findings])


@lru_cache(maxsize=1)
def _stamp() -> tuple[LocalSigner, Certificate]:
    key = generate_private_key()
    return LocalSigner(key), Certificate.from_pem(issue_certificate(key))
