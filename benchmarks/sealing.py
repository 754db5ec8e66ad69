"""How many simplified invoices of three lines are built, hashed, stamped and QR-coded per second.

    python benchmarks/sealing.py [seconds per pipeline and round]

Every pipeline makes the same invoice from plain values in one thread; what it makes is first judged
by the official rules, and only CPU time counts (time.process_time), so that a busy machine disturbs
less. The rounds take turns and the median is printed. "primitives" is what no pipeline can avoid:
one SHA-256 over a body of the same size, one signature, one base64.
"""

import itertools
import statistics
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import fatoora
import zatca_tools
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from invoicing.judge import official_verdict, verify_stamp
from invoicing.zatca.documents import (
    Address,
    Document,
    DocumentKind,
    Line,
    Party,
    PaymentMeans,
    VatCategory,
)
from invoicing.zatca.hashing import FIRST_PIH, canonical_bytes
from invoicing.zatca.sealing import seal, verify_seal
from invoicing.zatca.signing import (
    Certificate,
    LocalSigner,
    generate_private_key,
    private_key_pem,
)

ROUNDS = 5
RIYADH = timezone(timedelta(hours=3))
VAT_NUMBER = "399999999900003"
SELLER = "Najd Trading Co | شركة نجد"
ITEMS = (("Rice | أرز", 3, "33.50"), ("Tea | شاي", 2, "19.99"), ("Sugar | سكر", 1, "7.25"))
ISSUED = datetime.now(RIYADH).replace(microsecond=0)
PEER = "zatca-tools-sdk"


def issue_certificate(key) -> str:
    """A certificate shaped like a CSID's, issued here, since real ones cannot be shipped."""
    user_id = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")
    names = x509.DirectoryName(x509.Name([x509.NameAttribute(user_id, VAT_NUMBER)]))
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Benchmark CA")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Benchmark unit")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([names]), critical=False)
        .sign(generate_private_key(), hashes.SHA256())
        .public_bytes(Encoding.PEM)
        .decode()
    )


def ours(key, certificate_pem: str) -> Callable[[], bytes]:
    signer, certificate = LocalSigner(key), Certificate.from_pem(certificate_pem)
    counter = itertools.count(1)

    def make() -> bytes:
        address = Address("King Fahd", "1234", "Olaya", "Riyadh", "12222")
        document = Document(
            kind=DocumentKind.INVOICE,
            simplified=True,
            number="INV-1",
            uuid=str(uuid4()),
            issue_date=ISSUED.date(),
            issue_time=ISSUED.time(),
            supplier=Party(SELLER, VAT_NUMBER, "CRN", "1010010000", address),
            customer=None,
            lines=tuple(
                Line(name, Decimal(quantity), Decimal(price), VatCategory.S, Decimal(15))
                for name, quantity, price in ITEMS
            ),
            payment_means=PaymentMeans("10"),
        )
        return seal(
            document,
            icv=next(counter),
            pih=FIRST_PIH,
            signer=signer,
            certificate=certificate,
            signed_at=ISSUED,
        ).xml

    return make


def ours_checked(key, certificate_pem: str) -> Callable[[], bytes]:
    """As `ours`, with the check that every sealed document goes through before it is kept."""
    make, certificate = ours(key, certificate_pem), Certificate.from_pem(certificate_pem)

    def make_and_check() -> bytes:
        xml = make()
        verify_seal(xml, certificate)
        return xml

    return make_and_check


def zatca_tools_sdk(key, certificate_pem: str) -> Callable[[], bytes]:
    seller = {
        "vat_number": VAT_NUMBER,
        "name": SELLER,
        "cr_number": "1010010000",
        "address": {
            "street": "King Fahd",
            "building_number": "1234",
            "district": "Olaya",
            "city": "Riyadh",
            "postal_code": "12222",
        },
    }
    client = zatca_tools.Zatca(
        "sandbox",
        seller=seller,
        credentials={
            "certificate": Certificate.from_pem(certificate_pem).base64_der,
            "secret": "unused",
            "private_key": private_key_pem(key),
        },
    )
    invoice = {
        "type": "simplified",
        "number": "INV-1",
        "date": ISSUED.date().isoformat(),
        "time": ISSUED.strftime("%H:%M:%S"),
        "icv": 1,
        "pih": FIRST_PIH,
        "items": [
            {"name": name, "quantity": quantity, "unit_price": float(price)}
            for name, quantity, price in ITEMS
        ],
    }
    return lambda: client.create_invoice(invoice).xml.encode()


def fatoora_rs(key, certificate_pem: str) -> Callable[[], bytes]:
    signer = fatoora.Signer.from_pem(certificate_pem, private_key_pem(key))
    issued = ISSUED.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def make() -> bytes:
        builder = fatoora.InvoiceBuilder.new(
            fatoora.InvoiceTypeKind.TAX, fatoora.InvoiceSubType.SIMPLIFIED
        )
        builder.set_id("INV-1")
        builder.set_uuid(str(uuid4()))
        builder.set_issue_datetime(issued)
        builder.set_currency("SAR")
        builder.set_previous_invoice_hash(FIRST_PIH)
        builder.set_invoice_counter(1)
        builder.set_payment_means_code("10")
        builder.set_vat_category(fatoora.VatCategory.STANDARD)
        builder.set_seller(
            SELLER,
            "SA",
            "Riyadh",
            "King Fahd",
            "1234",
            "12222",
            VAT_NUMBER,
            district="Olaya",
            other_id="1010010000",
            other_id_scheme="CRN",
        )
        for name, quantity, price in ITEMS:
            builder.add_line_item(name, quantity, "PCE", price, "15", fatoora.VatCategory.STANDARD)
        return builder.build().sign(signer).into_xml().encode()

    return make


def primitives(key, certificate_pem: str) -> Callable[[], bytes]:
    body, signer = canonical_bytes(ours(key, certificate_pem)()), LocalSigner(key)

    def make() -> bytes:
        return b64encode(signer.sign(sha256(body).digest()))

    return make


def check(name: str, xml: bytes) -> None:
    """Stop unless the official rules and signxml find nothing wrong with what `name` made."""
    verdict = official_verdict(xml, evaluated_at=ISSUED, previous_hash=FIRST_PIH)
    if verdict.findings or not verdict.complete:
        raise SystemExit(f"{name} made an invalid invoice: {verdict.findings}")
    verify_stamp(xml)


def operations_per_second(make: Callable[[], bytes], seconds: float) -> float:
    """Count how often `make` runs in `seconds` of CPU time."""
    done, started = 0, time.process_time()
    while (spent := time.process_time() - started) < seconds:
        for _ in range(10):
            make()
        done += 10
    return done / spent


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    key = generate_private_key()
    pem = issue_certificate(key)
    pipelines = {
        "primitives": primitives(key, pem),
        "Daftar": ours(key, pem),
        "Daftar, checked": ours_checked(key, pem),
        PEER: zatca_tools_sdk(key, pem),
        "fatoora-rs": fatoora_rs(key, pem),
    }
    for name, make in pipelines.items():
        if name != "primitives":
            check(name, make())
    rates: dict[str, list[float]] = {name: [] for name in pipelines}
    for _ in range(ROUNDS):
        for name, make in pipelines.items():
            rates[name].append(operations_per_second(make, seconds))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    print(f"{'pipeline':<18}{'CPU ops/s':>12}{'x ' + PEER:>20}{'us each':>10}")
    for name, rate in medians.items():
        print(f"{name:<18}{rate:>12,.0f}{rate / medians[PEER]:>20.2f}{1e6 / rate:>10.1f}")


if __name__ == "__main__":
    main()
