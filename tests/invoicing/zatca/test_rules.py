"""The request rules: each breach is found, in the caller's field, and the official rules agree."""

import re
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal as D
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoicing.judge import official_verdict
from invoicing.zatca import rules
from invoicing.zatca.codes import CHARGE_REASONS, COUNTRIES, CURRENCIES, PAYMENT_MEANS
from invoicing.zatca.documents import (
    Address,
    Adjustment,
    BillingReference,
    DocumentKind,
    Party,
    PaymentMeans,
    Prepayment,
    TransactionFlags,
    VatCategory,
)
from invoicing.zatca.errors import DocumentInvalid, QRInvalid
from tests.invoicing.zatca.trade import (
    HIJAZ,
    HOUSTON,
    ISSUE_DATE,
    JUDGED_AT,
    MEDICINE,
    NAJD,
    RICE,
    RIYADH_ADDRESS,
    TEA,
    document,
)

S15 = {"category": VatCategory.S, "rate": D("15")}
NOTE = {"kind": DocumentKind.CREDIT_NOTE}
FLAGS = TransactionFlags
CHARGE = Adjustment(True, D("1"), reason="fee", reason_code="CG", **S15)
ALLOWANCE = Adjustment(False, D("1"), reason="loyal", reason_code="95", **S15)
ADVANCE = Prepayment("386-1", date(2026, 1, 5), time(8, 0), D("100"), D("15"), **S15)


def buyer(**changes):
    return {"simplified": False, "customer": replace(HIJAZ, **changes)}


def buyer_at(**changes):
    return buyer(address=replace(HIJAZ.address, **changes))


def seller(**changes):
    return {"supplier": replace(NAJD, **changes)}


def seller_at(**changes):
    return seller(address=replace(RIYADH_ADDRESS, **changes))


def line(base=RICE, **changes):
    return {"lines": (TEA, replace(base, **changes))}


def allowed(**changes):
    return {"adjustments": (replace(ALLOWANCE, **changes),)}


def charged(**changes):
    return {"adjustments": (replace(CHARGE, **changes),)}


def on_line(adjustment, **changes):
    return line(adjustments=(replace(adjustment, category=None, rate=None, **changes),))


def advance(**changes):
    return {"simplified": False, "prepayments": (replace(ADVANCE, **changes),)}


# (what is broken, the field it is found in, our rule, and the official one where its id differs)
BREACHES = [
    # the document
    ({"number": "x" * 128}, "invoice_number", "BR-KSA-F-06-C1"),
    ({"number": " "}, "invoice_number", "BR-KSA-F-06-C1", None),
    ({"notes": ("x" * 1001,)}, "notes[0]", "BR-KSA-F-06-C2"),
    ({"order_reference": "x" * 128}, "order_reference", "BR-KSA-F-06-C3"),
    ({"contract_reference": "x" * 128}, "contract_reference", "BR-KSA-F-06-C5"),
    ({"currency": "SRA", "exchange_rate": D("1.1")}, "currency", "BR-KSA-CL-01"),
    ({"currency": "USD"}, "exchange_rate", "BR-53", None),
    ({"currency": "USD", "exchange_rate": D("0")}, "exchange_rate", "BR-53", None),
    ({"exchange_rate": D("3.75")}, "exchange_rate", "DAFTAR-EXCHANGE-RATE", None),
    ({"currency": "USD", "exchange_rate": D("3.7500000000001")}, "exchange_rate", "BR-KSA-90"),
    ({"currency": "USD", "exchange_rate": D("1")}, "exchange_rate", "BR-KSA-97"),
    (
        {"simplified": False, "flags": FLAGS(export=True, self_billed=True)},
        "flags.self_billed",
        "BR-KSA-07",
    ),
    ({"flags": FLAGS(self_billed=True)}, "flags.self_billed", "BR-KSA-31"),
    (
        {"flags": FLAGS(nominal=True, continuous=True)},
        "flags.nominal",
        "DAFTAR-NOMINAL",
        "BR-KSA-F-06-C23",
    ),
    ({"flags": FLAGS(b2g=True)}, "contract_reference", "BR-KSA-92"),
    (
        {"flags": FLAGS(summary=True), "supply_date": ISSUE_DATE},
        "supply_end_date",
        "BR-KSA-72",
        None,
    ),
    (
        {
            "flags": FLAGS(summary=True),
            "supply_date": ISSUE_DATE,
            "supply_end_date": ISSUE_DATE,
        },
        "buyer_name",
        "BR-KSA-71",
    ),
    ({"simplified": False, "supply_date": None}, "supply_date", "BR-KSA-15"),
    ({"supply_end_date": ISSUE_DATE}, "supply_date", "BR-KSA-35"),
    (
        {"supply_date": ISSUE_DATE, "supply_end_date": ISSUE_DATE - timedelta(days=1)},
        "supply_end_date",
        "BR-KSA-36",
    ),
    (NOTE | {"billing_references": ()}, "billing_reference", "BR-KSA-56"),
    (
        NOTE | {"billing_references": (BillingReference("1"), BillingReference("x" * 5001))},
        "billing_reference[1].number",
        "BR-KSA-F-06-C22",
        None,
    ),
    (
        NOTE | {"billing_references": (BillingReference("1", ISSUE_DATE + timedelta(days=1)),)},
        "billing_reference[0].issue_date",
        "BR-KSA-04",
    ),
    (NOTE | {"note_reason": None}, "note_reason", "BR-KSA-17"),
    (NOTE | {"note_reason": "x" * 1001}, "note_reason", "BR-KSA-17", "BR-KSA-F-06-C13"),
    ({"payment_means": PaymentMeans("200")}, "payment_means.code", "BR-KSA-16"),
    ({"payment_means": PaymentMeans("42", "x" * 128)}, "payment_means.account", "BR-KSA-F-06-C15"),
    (
        {"payment_means": PaymentMeans("42", terms="x" * 1001)},
        "payment_means.terms",
        "BR-KSA-F-06-C14",
    ),
    ({"payable_rounding": D("0.001")}, "payable_rounding", "BR-DEC-17", None),
    ({"payable_rounding": D("-1000")}, "payable_rounding", "DAFTAR-PAYABLE", None),
    (line(quantity=D("1e6"), unit_price=D("1e7")), "line_items", "DAFTAR-AMOUNT", None),
    (
        line(unit_price=D("1e9")) | {"currency": "USD", "exchange_rate": D("999999")},
        "line_items",
        "DAFTAR-AMOUNT",
        None,
    ),
    # the seller
    (seller(name=""), "seller_name", "BR-06"),
    (seller(name="ش" * 171), "seller_name", "BR-CL-KSA-14", None),
    (seller(vat_number="310000000000000"), "seller_tax_number", "BR-KSA-40"),
    (seller(vat_number=None), "seller_tax_number", "BR-KSA-40", "BR-KSA-39"),
    (seller(id_scheme="NAT"), "seller_id.scheme", "BR-KSA-08"),
    (seller(id_number=None), "seller_id.number", "BR-KSA-08"),
    (seller(id_number="10100-10000"), "seller_id.number", "BR-KSA-08", None),
    (seller(id_number="101001000"), "seller_id.number", "BR-KSA-F-08"),
    (seller(id_scheme="700", id_number="1010010000"), "seller_id.number", "BR-KSA-F-09"),
    (seller(id_number="1234567899"), "seller_id.number", "BR-KSA-F-13"),
    (seller(address=None), "seller_address", "BR-KSA-09", "BR-08"),
    (seller_at(district=""), "seller_address.district", "BR-KSA-09"),
    (seller_at(postal_code="1234"), "seller_address.postal_code", "BR-KSA-66"),
    (seller_at(building_number="12"), "seller_address.building_number", "BR-KSA-37"),
    (seller_at(city="x" * 128), "seller_address.city", "BR-KSA-F-06", "BR-KSA-F-06-C7"),
    # the buyer
    ({"simplified": False, "customer": None}, "buyer_name", "BR-KSA-42", "BR-KSA-81"),
    ({"simplified": False, "customer": None}, "buyer_address", "BR-KSA-10", None),
    (buyer(name=""), "buyer_name", "BR-KSA-42"),
    (buyer(name="x" * 1001), "buyer_name", "BR-KSA-F-06-C12"),
    (buyer(vat_number="123"), "buyer_tax_number", "BR-KSA-44"),
    (buyer(vat_number=NAJD.vat_number), "buyer_tax_number", "BR-CUSTOM-VALIDATION-01"),
    (buyer(vat_number=None), "buyer_tax_number", "BR-KSA-81"),
    (buyer(id_scheme="VAT", id_number="A1"), "buyer_id.scheme", "BR-KSA-14"),
    (buyer(id_scheme="PAS", id_number="A 1"), "buyer_id.number", "BR-KSA-14", None),
    (buyer(id_scheme="TIN", id_number="2000000001"), "buyer_id.number", "BR-KSA-F-07"),
    (buyer(id_scheme="NAT", id_number="2000000001"), "buyer_id.number", "BR-KSA-F-10"),
    (buyer(id_scheme="IQA", id_number="1000000001"), "buyer_id.number", "BR-KSA-F-11"),
    (buyer(id_scheme="OTH", id_number="00000000"), "buyer_id.number", "BR-KSA-F-13"),
    (buyer(address=None), "buyer_address", "BR-KSA-10", None),
    (buyer_at(country_code="KSA"), "buyer_address.country_code", "BR-CL-14"),
    (buyer_at(district=""), "buyer_address.district", "BR-KSA-63"),
    (buyer_at(street=" "), "buyer_address.street", "BR-KSA-63", None),
    (buyer_at(postal_code="123456"), "buyer_address.postal_code", "BR-KSA-67"),
    (buyer_at(building_number="12"), "buyer_address.building_number", "BR-KSA-37", None),
    (buyer_at(plot_identification="12"), "buyer_address.plot_identification", "BR-KSA-37", None),
    (
        buyer_at(additional_street="x" * 128),
        "buyer_address.additional_street",
        "BR-KSA-F-06",
        "BR-KSA-F-06-C11",
    ),
    (
        {
            "simplified": False,
            "customer": replace(HOUSTON, address=Address("", "", "", "X", "", "US")),
        },
        "buyer_address.street",
        "BR-KSA-10",
    ),
    # the lines
    ({"lines": ()}, "line_items", "BR-16", None),
    (line(name="ab"), "line_items[1].name", "BR-KSA-F-06-C19"),
    (line(name="x" * 1001), "line_items[1].name", "BR-KSA-F-06-C19"),
    (line(name="12345"), "line_items[1].name", "BR-KSA-F-C-01"),
    (line(unit_code="x" * 128), "line_items[1].unit_code", "BR-KSA-F-06-C18"),
    (line(quantity=D("-1")), "line_items[1].quantity", "BR-22", "BR-KSA-F-04"),
    (line(quantity=D("0")), "line_items[1].quantity", "BR-22"),
    (line(unit_price=D("-1")), "line_items[1].unit_price", "BR-KSA-F-04"),
    (line(base_quantity=D("0")), "line_items[1].base_quantity", "BR-KSA-EN16931-12", None),
    (line(price_discount=D("99")), "line_items[1].price_discount", "BR-KSA-EN16931-07", None),
    (line(rate=D("10")), "line_items[1].tax_rate", "BR-KSA-84"),
    (line(MEDICINE, rate=D("5")), "line_items[1].tax_rate", "BR-Z-05"),
    (line(exemption_code="VATEX-SA-35"), "line_items[1].exemption_code", "BR-S-10"),
    (line(MEDICINE, exemption_code=None), "line_items[1].exemption_code", "BR-KSA-69"),
    (line(MEDICINE, exemption_code="VATEX-SA-29"), "line_items[1].exemption_code", "BR-KSA-CL-04"),
    (
        line(MEDICINE, category=VatCategory.E, exemption_code=None),
        "line_items[1].exemption_code",
        "BR-KSA-23",
    ),
    (
        line(MEDICINE, category=VatCategory.O, exemption_code=None),
        "line_items[1].exemption_code",
        "BR-KSA-24",
    ),
    (
        line(MEDICINE, category=VatCategory.O, exemption_code="VATEX-SA-OOS"),
        "line_items[1].exemption_reason",
        "BR-KSA-83",
    ),
    (
        line(MEDICINE, exemption_reason="Aspirin"),
        "line_items[1].exemption_reason",
        "DAFTAR-EXEMPTION-REASON",
        None,
    ),
    (
        {"lines": (MEDICINE, replace(MEDICINE, exemption_code="VATEX-SA-32"))},
        "line_items[1].exemption_code",
        "DAFTAR-ONE-EXEMPTION",
        None,
    ),
    (
        {
            "lines": tuple(
                replace(
                    MEDICINE,
                    category=VatCategory.O,
                    exemption_code="VATEX-SA-OOS",
                    exemption_reason=letter * 500,
                )
                for letter in "xyz"
            )
        },
        "line_items[2].exemption_reason",
        "BR-KSA-F-06-C16",
    ),
    (line(MEDICINE, exemption_code="VATEX-SA-EDU"), "buyer_id.scheme", "BR-KSA-49"),
    (line(MEDICINE, exemption_code="VATEX-SA-HEA"), "buyer_name", "BR-KSA-25"),
    # allowances and charges
    (allowed(amount=None), "allowances[0].amount", "DAFTAR-ADJUSTMENT", None),
    (
        allowed(percent=D("5"), base=D("10")),
        "allowances[0].amount",
        "DAFTAR-ADJUSTMENT",
        None,
    ),
    (allowed(amount=None, percent=D("5")), "allowances[0].base", "BR-KSA-EN16931-04", None),
    (allowed(amount=None, base=D("5")), "allowances[0].percent", "BR-KSA-EN16931-05", None),
    (
        allowed(amount=None, percent=D("101"), base=D("10")),
        "allowances[0].percent",
        "BR-KSA-DEC-01",
    ),
    (
        allowed(amount=None, percent=D("1.005"), base=D("10")),
        "allowances[0].percent",
        "BR-KSA-DEC-01",
    ),
    (allowed(amount=D("-1")), "allowances[0].amount", "BR-KSA-F-04"),
    (allowed(amount=D("1.001")), "allowances[0].amount", "BR-DEC-01", None),
    (allowed(amount=D("1000")), "allowances", "BR-KSA-F-04"),
    (allowed(reason="x" * 1001), "allowances[0].reason", "BR-KSA-F-06-C33", "BR-KSA-F-06-C35"),
    (allowed(category=None), "allowances[0].tax_category", "BR-32", None),
    (allowed(rate=None), "allowances[0].tax_rate", "BR-32", None),
    (allowed(rate=D("10")), "allowances[0].tax_rate", "BR-KSA-84"),
    (
        charged(category=VatCategory.Z, rate=D("0")),
        "charges[0].exemption_code",
        "BR-KSA-69",
    ),
    (charged(reason_code=None), "charges[0].reason_code", "BR-KSA-CL-06", "BR-KSA-19"),
    (charged(reason_code="XXX"), "charges[0].reason_code", "BR-KSA-CL-06"),
    (charged(reason=None), "charges[0].reason", "BR-KSA-21"),
    (on_line(ALLOWANCE, amount=D("-1")), "line_items[1].allowances[0].amount", "BR-KSA-F-04"),
    (on_line(ALLOWANCE, amount=D("1000")), "line_items[1].allowances", "BR-KSA-F-04"),
    (
        on_line(CHARGE, reason_code="XXX"),
        "line_items[1].charges[0].reason_code",
        "BR-KSA-CL-06",
    ),
    (on_line(CHARGE, reason=None), "line_items[1].charges[0].reason", "BR-KSA-21", "BR-KSA-22"),
    # prepayments
    (advance(number=""), "prepayments[0].number", "BR-KSA-73", None),
    (advance(tax=D("14")), "prepayments[0].tax", "BR-KSA-79"),
    (advance(issue_date=date(2026, 3, 15)), "prepayments[0].issued_at", "BR-KSA-04"),
    (
        {
            "lines": (RICE, MEDICINE),
            "prepayments": (
                replace(
                    ADVANCE,
                    category=VatCategory.Z,
                    rate=D("0"),
                    taxable=D("1"),
                    tax=D("0"),
                    exemption_code="VATEX-SA-HEA",
                ),
            ),
        },
        "buyer_id.scheme",
        "BR-KSA-49",
    ),
    (advance(taxable=D("0"), tax=D("0")), "prepayments[0].taxable", "BR-KSA-80"),
    (advance(taxable=D("100.001")), "prepayments[0].taxable", "BR-DEC-01", None),
    (advance(rate=D("10"), tax=D("10")), "prepayments[0].tax_rate", "BR-KSA-84"),
    (advance(taxable=D("900"), tax=D("135")), "prepayments", "DAFTAR-PAYABLE", None),
    (
        advance(
            category=VatCategory.Z, rate=D("0"), tax=D("0"), exemption_code="VATEX-SA-ROYALDECREE"
        ),
        "prepayments[0].exemption_code",
        "BR-KSA-CL-07",
    ),
    (
        advance(category=VatCategory.Z, rate=D("0"), tax=D("0"), exemption_code="VATEX-SA-32"),
        "prepayments[0].tax_category",
        "DAFTAR-PREPAYMENT-CATEGORY",
        "BR-Z-01",
    ),
    (
        NOTE | {"prepayments": (replace(ADVANCE, taxable=D("1"), tax=D("0.15")),)},
        "prepayments",
        "DAFTAR-PREPAYMENT-KIND",
        None,
    ),
]
IDS = [f"{row[2]} {row[1]}" for row in BREACHES]


@pytest.mark.parametrize("breach", BREACHES, ids=IDS)
def test_a_breach_is_found_in_its_field(breach):
    changes, path, rule = breach[:3]

    found = rules.check(document(**changes))

    assert (path, rule) in {(item.path, item.rule) for item in found}
    assert all(item.message and re.search("[ء-ي]", item.message_ar) for item in found)


OFFICIAL = [row for row in BREACHES if len(row) == 3 or row[3]]


@pytest.mark.parametrize("breach", OFFICIAL, ids=[f"{row[2]} {row[1]}" for row in OFFICIAL])
def test_the_official_rules_find_it_too(breach, sealed):
    changes, _, rule, *official = breach

    verdict = official_verdict(sealed(document(**changes)).xml, evaluated_at=JUDGED_AT)

    assert (official or [rule])[0] in {item.rule for item in verdict.findings}


def test_a_finding_says_what_was_expected_and_what_came():
    (found,) = rules.check(document(**line(rate=D("1E+1"))))

    assert (found.rule, found.path) == ("BR-KSA-84", "line_items[1].tax_rate")
    assert (found.expected, found.got) == ("15 or 5", "10")
    assert found.message == "Category S has a rate of 15 or 5."


def test_a_date_in_the_future_is_found_only_when_today_is_known():
    yesterday = ISSUE_DATE - timedelta(days=1)

    assert rules.check(document()) == ()
    assert rules.check(document(), today=ISSUE_DATE) == ()
    (found,) = rules.check(document(), today=yesterday)
    assert (found.rule, found.path) == ("BR-KSA-04", "invoice_date")


def forbidden(simplified, flags):
    """Which marks the law, or the pattern that takes 01 and five digits for standard, excludes."""
    if flags.self_billed and (simplified or flags.export):
        return True
    mistaken = flags.nominal and not flags.third_party and (flags.continuous or flags.b2g)
    return simplified and mistaken


@pytest.mark.parametrize("simplified", [True, False])
def test_marks_go_together_unless_the_law_forbids_it(simplified):
    for marks in product([True, False], repeat=7):
        flags = FLAGS(*marks)
        doc = document(
            simplified=simplified,
            customer=HIJAZ,
            flags=flags,
            contract_reference="C-1",
            supply_date=ISSUE_DATE,
            supply_end_date=ISSUE_DATE,
        )
        assert bool(rules.check(doc)) == forbidden(simplified, flags), flags


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "a\ufffeb", "a\ud800b"])
def test_characters_that_xml_forbids_are_found_in_every_text(text):
    doc = document(
        simplified=False,
        number=text,
        notes=(text,),
        customer=replace(HIJAZ, name=text, address=replace(HIJAZ.address, street=text)),
        lines=(replace(RICE, name=text),),
    )

    found = {item.path for item in rules.check(doc) if item.rule == "DAFTAR-TEXT"}
    assert found == {
        "invoice_number",
        "notes[0]",
        "buyer_name",
        "buyer_address.street",
        "line_items[0].name",
    }


def test_all_findings_come_at_once():
    found = rules.check(
        document(
            simplified=False, customer=Party("", "1"), lines=(replace(RICE, name="", rate=D("7")),)
        )
    )

    assert [item.path for item in found] == [
        "buyer_name",
        "buyer_address",
        "buyer_tax_number",
        "line_items[0].name",
        "line_items[0].tax_rate",
    ]


@pytest.mark.parametrize("code", sorted(PAYMENT_MEANS)[::7])
def test_listed_payment_means_are_accepted(code, sealed):
    one = sealed(document(payment_means=PaymentMeans(code)))

    assert official_verdict(one.xml, evaluated_at=JUDGED_AT).findings == ()


def test_listed_charge_reasons_are_accepted(sealed):
    charges = tuple(replace(CHARGE, reason_code=code) for code in sorted(CHARGE_REASONS))

    one = sealed(document(adjustments=charges))
    assert official_verdict(one.xml, evaluated_at=JUDGED_AT).findings == ()


@pytest.mark.parametrize("code", sorted(CURRENCIES - {"SAR"})[::20])
def test_listed_currencies_are_accepted(code, sealed):
    one = sealed(document(currency=code, exchange_rate=D("3.75")))

    assert official_verdict(one.xml, evaluated_at=JUDGED_AT).findings == ()


@pytest.mark.parametrize("code", sorted(COUNTRIES - {"SA"})[::25])
def test_listed_countries_are_accepted(code, sealed):
    abroad = replace(HOUSTON, address=Address("High Street", "", "", "Capital", "", code))

    one = sealed(document(simplified=False, customer=abroad))
    assert official_verdict(one.xml, evaluated_at=JUDGED_AT).findings == ()


WORDS = st.sampled_from(["", " ", "ab", "Rice", "12345", "x" * 128, "x" * 1001, "شركة", "3" * 15])
NUMBERS = st.sampled_from(["", "1010010000", "399999999800003", "12345678", "3000000001", "A1"])
AMOUNTS = st.sampled_from(["-1", "0", "0.005", "1", "33.333333", "100", "1E+3"]).map(D)
ADDRESSES = st.builds(
    Address,
    WORDS,
    st.sampled_from(["1234", "12"]),
    WORDS,
    WORDS,
    st.sampled_from(["12345", "1"]),
    st.sampled_from(["SA", "US", "XX"]),
)
PARTIES = st.builds(
    Party, WORDS, st.none() | NUMBERS,
    st.none() | st.sampled_from(["CRN", "TIN", "NAT", "IQA", "OTH", "VAT"]),
    st.none() | NUMBERS, st.none() | ADDRESSES,
)  # fmt: skip
CATEGORIES = st.sampled_from(VatCategory)
RATES = st.sampled_from([D("0"), D("5"), D("15"), D("10")])
CODES = st.none() | st.sampled_from(["VATEX-SA-32", "VATEX-SA-29", "VATEX-SA-OOS", "VATEX-SA-EDU"])
WILD_ADJUSTMENTS = st.builds(
    Adjustment, st.booleans(), st.none() | AMOUNTS, st.none() | AMOUNTS, st.none() | AMOUNTS,
    st.none() | WORDS, st.sampled_from([None, "CG", "95"]), st.none() | CATEGORIES,
    st.none() | RATES, CODES,
)  # fmt: skip
WILD_LINES = st.builds(
    lambda **fields: replace(RICE, **fields),
    name=WORDS, quantity=AMOUNTS, unit_price=AMOUNTS, category=CATEGORIES, rate=RATES,
    price_discount=st.none() | AMOUNTS, base_quantity=st.none() | AMOUNTS, exemption_code=CODES,
    exemption_reason=st.none() | WORDS,
)  # fmt: skip
TAME = st.sampled_from([RICE, TEA, MEDICINE])
DATES = st.none() | st.sampled_from([ISSUE_DATE, date(2026, 3, 1)])
WILD = {
    "kind": st.sampled_from(DocumentKind),
    "simplified": st.booleans(),
    "number": WORDS,
    "customer": st.none() | PARTIES | st.sampled_from([HIJAZ, HOUSTON]),
    "lines": st.lists(TAME | WILD_LINES, max_size=3),
    "flags": st.builds(FLAGS, *[st.booleans()] * 7),
    "adjustments": st.lists(WILD_ADJUSTMENTS, max_size=2).map(tuple),
    "note_reason": st.none() | WORDS,
    "payment_means": st.none() | st.builds(PaymentMeans, st.sampled_from(["10", "99"]), WORDS),
    "supply_date": DATES,
    "supply_end_date": DATES,
    "contract_reference": st.none() | WORDS,
    "payable_rounding": AMOUNTS.map(lambda amount: amount / 100),
}


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(st.sampled_from(sorted(WILD)), st.none(), max_size=4), st.data())
def test_what_passes_the_request_rules_passes_the_official_ones(sealed, chosen, data):
    doc = document(**{name: data.draw(WILD[name], label=name) for name in sorted(chosen)})
    if rules.check(doc):
        return

    verdict = official_verdict(sealed(doc).xml, evaluated_at=JUDGED_AT)
    assert [(item.rule, item.message) for item in verdict.findings] == []


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.fixed_dictionaries({}, optional=WILD))
def test_no_document_makes_the_rules_stumble(sealed, changes):
    doc = document(**changes)

    rules.check(doc)
    try:
        sealed(doc)
    except (DocumentInvalid, QRInvalid, ArithmeticError):
        assert rules.check(doc)
