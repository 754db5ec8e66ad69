"""What the stand-in holds of one taxpayer, as a list. The authority itself offers none.

It exists so that a reconciliation can be tried against a second opinion: read from the stored
documents themselves, whatever their sender believes.
"""

from typing import Any
from urllib.parse import parse_qsl

from invoicing.sandbox import answers
from invoicing.sandbox.answers import Answer, Refused
from invoicing.sandbox.calls import Request
from invoicing.sandbox.conduct import Conduct
from invoicing.sandbox.documents import NAMESPACES, parse, read_document
from invoicing.sandbox.store import Store

MOST = 1000
PAGE = (
    "SELECT id, icv, csid, verdict, registrations, accepted_at, xml FROM documents"
    " WHERE environment = ? AND vat_number = ? AND id > ? ORDER BY id LIMIT ?"
)


class Listing:
    """GET /_standin/documents?after=ID&limit=N, with a production CSID of the taxpayer."""

    def __init__(self, store: Store, conduct: Conduct) -> None:
        self._store = store
        self._conduct = conduct

    def answer(self, request: Request) -> Answer:
        """``{"documents": […]}``, oldest first; an empty list is the end. Raises Refused."""
        csid = request.authenticate("production", self._store, self._conduct)
        query = dict(parse_qsl(request.query))
        after, limit = _whole(query, "after", 0), _whole(query, "limit", MOST)
        rows = self._store.rows(
            PAGE, request.environment, csid.vat_number, after, min(max(limit, 1), MOST)
        )
        return Answer(200, {"documents": [_listed(dict(row)) for row in rows]})


def _whole(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused(answers.invalid_request(f"{name} is a whole number"))
    return int(text)


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    document = read_document(bytes(row.pop("xml")))
    root = parse(document.xml).getroot()

    def text(path: str) -> str:
        return root.findtext(path, default="", namespaces=NAMESPACES) or ""

    return {
        **row,
        "accepted": row["accepted_at"] is not None,
        "number": document.number,
        "uuid": document.uuid,
        "invoice_hash": document.invoice_hash,
        "type_code": document.type_code,
        "simplified": document.is_simplified,
        # What was sold; what is left to pay may be less by a prepayment.
        "total": text("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"),
        "vat": document.tax,
        "currency": text("cbc:DocumentCurrencyCode"),
        "issued": document.issued.partition("T")[0],
    }
