"""Daftar's own stamp and client against the stand-in: two readings of the law that must agree."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from invoicing import judge
from invoicing.sandbox.faults import FAULTS
from invoicing.zatca.client import Client
from invoicing.zatca.csr import CSRSubject, build_csr
from invoicing.zatca.documents import (
    Address,
    BillingReference,
    Document,
    DocumentKind,
    Line,
    Party,
    PaymentMeans,
    VatCategory,
)
from invoicing.zatca.environments import Environment
from invoicing.zatca.outcomes import Next, Outcome, judge_answer
from invoicing.zatca.sealing import Sealed, seal
from invoicing.zatca.signing import Certificate, LocalSigner, generate_private_key
from tests.invoicing.sandbox.taxpayer import FIRST_PIH, NOON, VAT_NUMBER

ADDRESS = Address("شارع الملك فهد", "1234", "المربع", "الرياض", "12222")
SELLER = Party("Maximum Speed", VAT_NUMBER, "CRN", "1010010000", ADDRESS)
BUYER = Party("Buyer", "399999999800003", address=ADDRESS)
BOOK = Line("Book", Decimal(2), Decimal("49.99"), VatCategory.S, Decimal(15))


class Daftar:
    """A unit onboarded with our own CSR, stamp and client."""

    def __init__(self, base_url: str) -> None:
        self.client = Client(base_url, deadline=10)
        self.hasty_client = Client(base_url, deadline=0.5)
        self.key = generate_private_key()
        subject = CSRSubject(
            "TST-1", "1-Daftar|2-1|3-1", VAT_NUMBER, "Riyadh", "Speed", "RRRD2929", "Supply"
        )
        request = build_csr(subject, self.key, Environment.SANDBOX)
        compliance = self.client.compliance_csid(request, "123456")
        self.certificate = Certificate.from_token(compliance.token)
        self.icv = 0
        for simplified in (False, True):
            for kind in ("388", "381", "383"):
                answer = self.client.check_compliance(
                    compliance.credentials, self.sealed(simplified, kind)
                )
                assert answer.http_status == 200, answer.body
        issued = self.client.production_csid(compliance.credentials, compliance.request_id)
        self.certificate = Certificate.from_token(issued.token)
        self.credentials = issued.credentials

    def sealed(self, simplified: bool, kind: str = "388", number: str = "N-1") -> Sealed:
        self.icv += 1
        is_note = kind != "388"
        document = Document(
            DocumentKind(kind),
            simplified,
            number,
            str(uuid.uuid4()),
            NOON.date(),
            (NOON - timedelta(minutes=5)).time(),
            SELLER,
            None if simplified else BUYER,
            (BOOK,),
            billing_references=(BillingReference("N-0"),) if is_note else (),
            note_reason="goods returned" if is_note else None,
            payment_means=PaymentMeans("10"),
            supply_date=NOON.date(),
        )
        return seal(
            document,
            icv=self.icv,
            pih=FIRST_PIH,
            signer=LocalSigner(self.key),
            certificate=self.certificate,
            signed_at=NOON,
        )

    def submit(self, sealed: Sealed, *, simplified: bool, hasty: bool = False) -> Outcome:
        client = self.hasty_client if hasty else self.client
        submit = client.report if simplified else client.clear
        return judge_answer(submit(self.credentials, sealed))


@pytest.fixture(scope="module")
def daftar(shared_authority) -> Daftar:
    shared_authority.control.reset()
    return Daftar(shared_authority.base_url())


def test_what_comes_back_cleared_carries_a_whole_stamp(authority, daftar):
    sealed = daftar.sealed(simplified=False)

    outcome = daftar.submit(sealed, simplified=False)

    assert outcome.zatca_status == "CLEARED"
    judge.verify_stamp(outcome.cleared_xml, at=NOON)


@pytest.mark.parametrize("simplified", [True, False], ids=["simplified", "standard"])
@pytest.mark.parametrize("name", FAULTS)
def test_the_same_bytes_again_always_end_in_one_registration(authority, daftar, name, simplified):
    endures = name.startswith(("hang", "drip"))
    quick = {"seconds": 60 if endures else 0.05, "interval": 0.05}
    args = {key: value for key, value in quick.items() if key in FAULTS[name].args}
    authority.control.script("N-1", delivery=1, fault=name, **args)
    sealed = daftar.sealed(simplified)

    first = daftar.submit(sealed, simplified=simplified, hasty=endures)
    second = daftar.submit(sealed, simplified=simplified)

    assert (first.status == "CLEARED") is (first.next is Next.DONE)
    assert second.next is Next.DONE
    [held] = authority.control.documents()
    assert (held["invoice_hash"], held["registrations"]) == (sealed.invoice_hash, 1)
