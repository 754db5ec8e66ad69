"""Every shape we build: no error and no warning by the official rules, and a stamp that holds."""

import re
from base64 import b64decode
from dataclasses import replace
from datetime import date, time
from decimal import Decimal as D

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoicing.judge import official_verdict, verify_stamp
from invoicing.zatca import rules
from invoicing.zatca.documents import (
    Adjustment,
    DocumentKind,
    Line,
    Party,
    PaymentMeans,
    Prepayment,
    TransactionFlags,
    VatCategory,
)
from invoicing.zatca.exemptions import EXEMPTIONS
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.sealing import verify_seal
from tests.invoicing.zatca.trade import (
    HIJAZ,
    HOUSTON,
    ISSUE_DATE,
    JUDGED_AT,
    MEDICINE,
    RICE,
    RIYADH_ADDRESS,
    TEA,
    document,
)

S15 = {"category": VatCategory.S, "rate": D("15")}
ADVANCE = Prepayment("386-1", date(2026, 1, 5), time(8, 0, 1), D("10.01"), D("1.50"), **S15)
VISA = replace(
    MEDICINE,
    category=VatCategory.O,
    exemption_code="VATEX-SA-OOS",
    exemption_reason="Visa fees | رسوم التأشيرة",
)
LIFE = replace(MEDICINE, category=VatCategory.E, exemption_code="VATEX-SA-29-7")
PATIENT = Party("Sara", id_scheme="NAT", id_number="1098765012")
EXPORT = replace(MEDICINE, exemption_code="VATEX-SA-32")
DISCOUNT = Adjustment(False, D("5"), reason="discount", reason_code="95", **S15)
FEE = Adjustment(True, percent=D("2.5"), base=D("100.20"), reason="fee", reason_code="LF", **S15)

SHAPES = {
    "mixed categories": {"lines": (RICE, MEDICINE, VISA, LIFE, replace(TEA, rate=D("5")))},
    "document allowance and charge": {"adjustments": (DISCOUNT, FEE)},
    "charge in a category of its own": {
        "adjustments": (
            replace(FEE, category=VatCategory.Z, rate=D("0"), exemption_code="VATEX-SA-33"),
        )
    },
    "line allowances and charges": {
        "lines": (
            replace(
                RICE,
                adjustments=(
                    Adjustment(False, D("5"), reason="loyal"),
                    Adjustment(False, percent=D("12.5"), base=D("33.33")),
                    Adjustment(True, D("0.37"), reason="packing", reason_code="PC"),
                ),
            ),
        )
    },
    "price discount for a dozen": {
        "lines": (
            replace(RICE, price_discount=D("1.111111"), base_quantity=D("12"), unit_code="DZN"),
        )
    },
    "free of charge": {"lines": (RICE, replace(TEA, unit_price=D("0")))},
    "payable rounding": {"payable_rounding": D("-0.03")},
    "notes and references": {
        "notes": ("Deliver at the gate", "التسليم عند البوابة"),
        "order_reference": "PO-1",
        "contract_reference": "C-1",
        "payment_means": PaymentMeans("42", "SA0380000000608010167519", "30 days"),
    },
    "payment terms only": {"payment_means": PaymentMeans("30", terms="30 days")},
    "markup in texts": {"number": 'A&B <1> "q"', "lines": (replace(RICE, name="a\tb & <c> ]]>"),)},
    "third party": {"flags": TransactionFlags(third_party=True)},
    "nominal": {"flags": TransactionFlags(nominal=True)},
    "export": {"flags": TransactionFlags(export=True), "lines": (EXPORT,)},
    "continuous": {"flags": TransactionFlags(continuous=True)},
    "to the government": {"flags": TransactionFlags(b2g=True), "contract_reference": "C-9"},
    "summary of a month": {
        "flags": TransactionFlags(summary=True),
        "customer": HIJAZ,
        "supply_date": date(2026, 2, 1),
        "supply_end_date": date(2026, 2, 28),
    },
    "foreign currency": {"currency": "USD", "exchange_rate": D("3.7503")},
    "prepayment deducted": {"prepayments": (ADVANCE, replace(ADVANCE, number="386-2", uuid="u-1"))},
    "seller's name of 240 bytes": {"supplier_name": "ش" * 120},
}
STANDARD_ONLY = {
    "self-billed": {"flags": TransactionFlags(self_billed=True)},
    "buyer without VAT number": {
        "customer": Party("Jeddah Tools", None, "CRN", "4030123756", RIYADH_ADDRESS)
    },
    "export in dollars": {
        "customer": HOUSTON,
        "lines": (EXPORT,),
        "flags": TransactionFlags(export=True),
        "currency": "USD",
        "exchange_rate": D("3.75"),
    },
}
SIMPLIFIED_ONLY = {
    "named buyer": {"customer": Party("Sara")},
    "healthcare for a citizen": {
        "customer": PATIENT,
        "lines": (replace(MEDICINE, exemption_code="VATEX-SA-HEA"),),
    },
}
CASES = [
    *((kind, simplified, "plain", {}) for kind in DocumentKind for simplified in (True, False)),
    *(
        (DocumentKind.INVOICE, simplified, name, changes)
        for simplified, shapes in (
            (True, SHAPES | SIMPLIFIED_ONLY),
            (False, SHAPES | STANDARD_ONLY),
        )
        for name, changes in shapes.items()
    ),
    (DocumentKind.CREDIT_NOTE, False, "mixed", SHAPES["mixed categories"]),
    (DocumentKind.DEBIT_NOTE, True, "payment", SHAPES["notes and references"]),
]


def rules_fired(one, judged_at=JUDGED_AT):
    verdict = official_verdict(one.xml, evaluated_at=judged_at, previous_hash=one.pih)
    assert verdict.complete
    return [(item.rule, item.message) for item in verdict.findings]


@pytest.mark.parametrize(
    ("kind", "simplified", "name", "changes"),
    CASES,
    ids=[
        f"{kind.value}-{'simplified' if simplified else 'standard'}-{name}"
        for kind, simplified, name, _ in CASES
    ],
)
def test_it_is_clean_and_its_stamp_holds(kind, simplified, name, changes, sealed, certificate):
    doc = document(
        kind, simplified=simplified, **{k: v for k, v in changes.items() if k != "supplier_name"}
    )
    if "supplier_name" in changes:
        doc = replace(doc, supplier=replace(doc.supplier, name=changes["supplier_name"]))
    one = sealed(doc, icv=41)

    assert rules.check(doc, today=ISSUE_DATE) == ()
    assert rules_fired(one) == []
    verify_seal(one.xml, certificate)
    verify_stamp(one.xml, certificate_der=b64decode(certificate.base64_der), at=JUDGED_AT)


def test_the_signature_is_good_by_cryptography_alone(sealed, certificate):
    one = sealed(document())
    signature = re.search(rb"<ds:SignatureValue>(.*?)<", one.xml)[1]

    key = x509.load_der_x509_certificate(b64decode(certificate.base64_der)).public_key()
    key.verify(b64decode(signature), b64decode(one.invoice_hash), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(("percent", "base"), [("50", "2.51"), ("10", "1.45"), ("15", "1.90")])
def test_a_tie_that_the_rules_round_down_is_stated_without_its_percentage(percent, base, sealed):
    half = Adjustment(False, percent=D(percent), base=D(base), reason="half", **S15)
    one = sealed(document(adjustments=(half,)))

    assert b"MultiplierFactorNumeric" not in one.xml
    assert rules_fired(one) == []


@pytest.mark.parametrize("code", [c for c, row in EXEMPTIONS.items() if row.category != "O"])
def test_every_exemption_code_is_clean(code, sealed):
    line = replace(MEDICINE, category=EXEMPTIONS[code].category, exemption_code=code)

    assert rules_fired(sealed(document(lines=(RICE, line), customer=PATIENT))) == []


def test_documents_of_a_chain_name_their_predecessor(sealed):
    first = sealed(document())
    second = sealed(document(number="INV-2026-0002"), icv=2, pih=first.invoice_hash)

    assert first.pih == FIRST_PIH
    assert rules_fired(second) == []
    wrong = official_verdict(second.xml, evaluated_at=JUDGED_AT, previous_hash=second.invoice_hash)
    assert [item.stage for item in wrong.findings] == ["previous_invoice_hash"]


def amounts(largest, places):
    return st.decimals(0, largest, places=places, allow_nan=False, allow_infinity=False)


ADJUSTMENTS = st.builds(
    lambda charge, value, percent: Adjustment(
        charge,
        *((None, percent, value) if percent is not None else (value,)),
        reason="reason",
        reason_code="CG" if charge else "95",
    ),
    st.booleans(),
    amounts(9, 2),
    st.none() | amounts(100, 2),
)
LINES = st.builds(
    lambda quantity, price, discount, base, rate, adjustments: Line(
        "Something",
        quantity,
        price + 50,
        VatCategory.S,
        rate,
        price_discount=discount,
        base_quantity=base,
        adjustments=tuple(adjustments),
    ),
    amounts(50, 3).map(lambda quantity: quantity + 1),
    amounts(100000, 6),
    st.none() | amounts(3, 4),
    st.none() | st.sampled_from([D("1"), D("0.5")]),
    st.sampled_from([D("15"), D("5")]),
    st.lists(ADJUSTMENTS, max_size=2),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(LINES, min_size=1, max_size=8),
    adjustments=st.lists(ADJUSTMENTS, max_size=2),
    rate=st.none() | amounts(5, 4).map(lambda rate: rate + 2),
    simplified=st.booleans(),
)
def test_any_basket_is_clean(sealed, lines, adjustments, rate, simplified):
    same_rate = {"category": VatCategory.S, "rate": lines[0].rate}
    doc = document(
        simplified=simplified,
        lines=lines,
        adjustments=tuple(replace(item, **same_rate) for item in adjustments),
        currency="SAR" if rate is None else "EUR",
        exchange_rate=rate,
    )

    assert rules.check(doc) == ()
    assert rules_fired(sealed(doc)) == []
