"""A taxpayer for the stand-in: keys, CSRs and documents by fatoora-rs, calls by requests.

Nothing of `invoicing.zatca` is used: what the stand-in lets through was made by somebody else.
"""

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import fatoora
import requests

from invoicing.sandbox import StandIn

RIYADH = timezone(timedelta(hours=3))
NOON = datetime(2026, 6, 1, 12, 0, 0, tzinfo=RIYADH)
VAT_NUMBER = "399999999900003"
FIRST_PIH = (
    "NWZlY2ViNjZmZmM4NmYzOGQ5NTI3ODZjNmQ2OTZjNzljMmRiYzIzOWRkNGU5MWI0NjcyOWQ3M2EyN2ZiNTdlOQ=="
)
KINDS = {
    "388": fatoora.InvoiceTypeKind.TAX,
    "381": fatoora.InvoiceTypeKind.CREDIT_NOTE,
    "383": fatoora.InvoiceTypeKind.DEBIT_NOTE,
}
ENVIRONMENTS = {
    "SANDBOX": fatoora.Environment.NON_PRODUCTION,
    "SIMULATION": fatoora.Environment.SIMULATION,
    "PRODUCTION": fatoora.Environment.PRODUCTION,
}
REPORTING = "/invoices/reporting/single"
CLEARANCE = "/invoices/clearance/single"

Credentials = tuple[str, str]


@dataclass(frozen=True)
class Paper:
    """A stamped document, ready to be sent."""

    xml: bytes
    number: str
    uuid: str
    icv: int
    invoice_hash: str

    @property
    def body(self) -> dict[str, str]:
        encoded = base64.b64encode(self.xml).decode()
        return {"invoiceHash": self.invoice_hash, "uuid": self.uuid, "invoice": encoded}

    def tampered(self, old: str, new: str) -> "Paper":
        """The same claim about changed bytes."""
        xml = self.xml.decode()
        assert xml.count(old) >= 1
        return replace(self, xml=xml.replace(old, new, 1).encode())


def paper(xml: str, number: str, document_uuid: str, icv: int) -> Paper:
    digest = fatoora.invoice_hash_base64_from_xml_str(xml)
    return Paper(xml.encode(), number, document_uuid, icv, digest)


class Unit:
    """One EGS unit with its key, and the certificate it stamps with once it has one."""

    def __init__(
        self,
        base_url: str,
        *,
        vat: str = VAT_NUMBER,
        title: str = "1100",
        clock: Callable[[], datetime] = lambda: NOON,
    ) -> None:
        self.base_url = base_url
        self.vat = vat
        self.title = title
        self.clock = clock
        self.key = fatoora.SigningKey.generate()
        self.certificate = b""
        self.credentials: Credentials = ("", "")
        self._icv = 0

    def csr(self, environment: str = "SANDBOX", *, title: str | None = None) -> str:
        properties = fatoora.CsrProperties.new(
            f"TST-886431145-{self.vat}",
            f"1-TST|2-TST|3-{uuid.uuid4()}",
            self.vat,
            "Riyadh Branch",
            "Maximum Speed Tech Supply LTD",
            "SA",
            title or self.title,
            "RRRD2929",
            "Supply activities",
        )
        return properties.build(self.key, ENVIRONMENTS[environment]).to_pem_base64()

    def call(
        self, path: str, body: Any, *, method: str = "POST", auth: Any = None, **headers: str
    ) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(
            method,
            self.base_url + path,
            json=body,
            auth=auth,
            headers={"Accept-Version": "V2", **named},
            timeout=10,
            allow_redirects=False,
        )

    def onboard(self, environment: str = "SANDBOX") -> None:
        """The whole dance: compliance CSID, the documents of the title flags, production CSID."""
        issued = self.call("/compliance", {"csr": self.csr(environment)}, OTP="123456").json()
        compliance = self.take(issued)
        for simplified in (False, True):
            if self.title[simplified] == "1":
                for kind in KINDS:
                    answer = self.check(self.document(kind, simplified=simplified), compliance)
                    assert answer.status_code == 200, answer.text
        body = {"compliance_request_id": str(issued["requestID"])}
        self.credentials = self.take(self.call("/production/csids", body, auth=compliance).json())
        self._icv = 0

    def take(self, issued: dict[str, Any]) -> Credentials:
        """Stamp with this certificate from now on; returns its credentials."""
        token = issued["binarySecurityToken"]
        self.certificate = base64.b64decode(base64.b64decode(token))
        return token, issued["secret"]

    def check(self, document: Paper, auth: Credentials) -> requests.Response:
        return self.call("/compliance/invoices", document.body, auth=auth)

    def report(self, document: Paper, **headers: str) -> requests.Response:
        return self._submit(REPORTING, document, {"Clearance_Status": "0", **headers})

    def clear(self, document: Paper, **headers: str) -> requests.Response:
        return self._submit(CLEARANCE, document, {"Clearance_Status": "1", **headers})

    def _submit(self, path: str, document: Paper, headers: dict[str, str]) -> requests.Response:
        return self.call(path, document.body, auth=self.credentials, **headers)

    def document(
        self,
        kind: str = "388",
        *,
        simplified: bool = True,
        number: str | None = None,
        pih: str = FIRST_PIH,
        issued: datetime | None = None,
        vat: str | None = None,
        supply_date: bool = True,
    ) -> Paper:
        """A clean document of 115 SAR, stamped with the unit's key and certificate."""
        self._icv += 1
        issued = issued or self.clock() - timedelta(minutes=5)
        number = number or f"INV-{self._icv}"
        document_uuid = str(uuid.uuid4())
        notes = (
            {}
            if kind == "388"
            else {
                "original_invoice_id": "INV-0",
                "original_invoice_reason": "goods returned",
            }
        )
        builder = fatoora.InvoiceBuilder.new(
            KINDS[kind], fatoora.InvoiceSubType(int(simplified)), **notes
        )
        builder.set_id(number)
        builder.set_uuid(document_uuid)
        builder.set_issue_datetime(issued.astimezone(RIYADH).strftime("%Y-%m-%dT%H:%M:%SZ"))
        builder.set_currency("SAR")
        builder.set_previous_invoice_hash(pih)
        builder.set_invoice_counter(self._icv)
        builder.set_payment_means_code("10")
        builder.set_vat_category(fatoora.VatCategory.STANDARD)
        address = ("SAU", "الرياض", "شارع الملك فهد", "1234", "12222")
        builder.set_seller(
            "شركة السرعة القصوى | Maximum Speed",
            *address,
            vat or self.vat,
            district="المربع",
            other_id="1010010000",
            other_id_scheme="CRN",
        )
        if not simplified:
            builder.set_buyer("مشتر | Buyer", *address, "399999999800003", district="المربع")
        builder.add_line_item("كتاب", "1", "PCE", "100", "15", fatoora.VatCategory.STANDARD)
        xml = builder.build().xml()
        if kind == "388" and not simplified and supply_date:
            date = f"<cbc:ActualDeliveryDate>{issued:%Y-%m-%d}</cbc:ActualDeliveryDate>"
            delivery = f"<cac:Delivery>{date}</cac:Delivery>"
            xml = xml.replace("<cac:PaymentMeans>", f"{delivery}<cac:PaymentMeans>")
        return paper(self.sign(xml), number, document_uuid, self._icv)

    def sign(self, xml: str) -> str:
        return fatoora.Signer.from_der(self.certificate, self.key.to_der()).sign_xml(xml)


def codes(answer: requests.Response, kind: str = "error") -> list[str]:
    """The codes of an answer's errors, or of its warnings."""
    return [item["code"] for item in answer.json()["validationResults"][f"{kind}Messages"]]


def held(authority: StandIn) -> list[str]:
    """The verdicts on what the authority holds, in order."""
    return [row["verdict"] for row in authority.control.documents()]
