"""Every kind of document that a Saudi taxpayer can issue, as the request that asks for it.

One `Case` is a row of docs/documents.md and a test of test_document_table.py: a document that is
legal, with VAT and payable amount worked out by hand. One `Refusal` is what the law forbids, with
the field that is named and the rule. With DJANGO_SETTINGS_MODULE=tests.settings,
`python -m tests.invoicing.document_table` prints both tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.invoicing.payloads import BUYER, LINE, simplified, standard

Request = dict[str, Any]

TODAY = (timezone.now() + timedelta(hours=3)).date()
LAST_WEEK = (TODAY - timedelta(days=7)).isoformat()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()

NAJD_VAT, HIJAZ_VAT = "399999999900003", BUYER["buyer_tax_number"]
GROUP_VAT, MEMBER_TIN = "399999999910003", "3999999999"
KINDS = {"388": "invoice", "381": "credit note", "383": "debit note", "386": "prepayment invoice"}
FLAGS = ("third_party", "nominal", "export", "summary", "self_billed", "continuous", "b2g")

# 100.00 each, so that VAT is the rate.
S15 = {**LINE, "quantity": 1}
S5 = {**S15, "name": "سلعة بالنسبة القديمة", "tax_rate": 5}
ZERO = {**S15, "name": "دواء", "tax_rate": 0, "tax_category": "Z", "exemption_code": "VATEX-SA-35"}
EXEMPT = {**ZERO, "name": "عمولة", "tax_category": "E", "exemption_code": "VATEX-SA-29"}
OUTSIDE = {
    **ZERO,
    "name": "رسوم تأشيرة",
    "tax_category": "O",
    "exemption_code": "VATEX-SA-OOS",
    "exemption_reason": "رسوم حكومية | Government fees",
}
MIXED = [S15, S5, ZERO, EXEMPT, OUTSIDE]

ADDRESS = BUYER["buyer_address"]
ABROAD = {"street": "Canal Street", "city": "Houston", "country_code": "US"}
SUPPLIER = {
    "name": "مزرعة القصيم | Qassim Farm",
    "tax_number": HIJAZ_VAT,
    "id": {"scheme": "CRN", "number": "1131012345"},
    "address": ADDRESS,
}
FOREIGNER = {
    "buyer_tax_number": None,
    "buyer_name": "Houston Steel",
    "buyer_id": {"scheme": "OTH", "number": "US00000001"},
    "buyer_address": ABROAD,
}
CITIZEN = {
    "buyer_tax_number": None,
    "buyer_name": "سارة",
    "buyer_id": {"scheme": "NAT", "number": "1098765012"},
}
PERIOD = {"supply_date": LAST_WEEK, "supply_end_date": YESTERDAY}
NOTE = {"billing_reference": [{"number": "INV-0"}], "note_reason": "إرجاع بضاعة | goods returned"}
ADVANCE = {
    "number": "386-1",
    "issued_at": "2026-01-05T08:00:01+03:00",
    "taxable": "20.00",
    "tax": "3.00",
    "tax_category": "S",
    "tax_rate": 15,
}
LOYAL = {"reason": "ولاء | loyalty", "reason_code": "95"}
PACKING = {"reason": "تغليف | packing", "reason_code": "PC"}
ON_S15 = {"tax_category": "S", "tax_rate": 15}

BUYER_IDS = {
    "TIN": "3101223935", "CRN": "4030123756", "MOM": "M2031", "MLS": "ML77", "700": "7001234509",
    "SAG": "S9", "NAT": "1098765012", "GCC": "G10", "IQA": "2098765012", "PAS": "P123", "OTH": "X1",
}  # fmt: skip
SELLER_IDS = {
    "CRN": "1010010000", "MOM": "M1", "MLS": "L2", "SAG": "S3", "OTH": "O4", "700": "7001234509",
}  # fmt: skip
ZERO_CODES = (
    "32", "33", "34-1", "34-2", "34-3", "34-4", "34-5", "35", "36", "EDU", "HEA", "MLTRY",
    "DIPLOMAT", "DUTYFREE", "ROYALDECREE", "32(bis)",
)  # fmt: skip
EXEMPT_CODES = ("29", "29-7", "30")
EXEMPTIONS = {
    "Z": [f"VATEX-SA-{code}" for code in ZERO_CODES],
    "E": [f"VATEX-SA-{code}" for code in EXEMPT_CODES],
    "O": ["VATEX-SA-OOS"],
}


@dataclass(frozen=True)
class Case:
    """A legal document: its request, VAT and payable amount in its currency, the rules it shows.

    `unit` are columns of the unit that differ from the others', `vat_number` the tenant's.
    """

    name: str
    request: Request
    tax: str
    payable: str
    rules: tuple[str, ...]
    unit: dict[str, str] = field(default_factory=dict)
    vat_number: str = NAJD_VAT

    @property
    def id(self) -> str:
        return "-".join((self.kind, self.form, self.name)).replace(" ", "-")

    @property
    def kind(self) -> str:
        return self.request.get("invoice_type", "388")

    @property
    def form(self) -> str:
        return "simplified" if self.request["simplified"] else "standard"

    @property
    def flags(self) -> list[str]:
        return [flag for flag in FLAGS if self.request.get("flags", {}).get(flag)]

    @property
    def supplies(self) -> list[str]:
        """Categories and rates, as `S 15`."""
        lines = self.request["line_items"]
        return list(dict.fromkeys(f"{line['tax_category']} {line['tax_rate']}" for line in lines))


@dataclass(frozen=True)
class Refusal:
    """A document that is refused at the door: the field that is named, and the rule."""

    name: str
    request: Request
    param: str
    rule: str

    @property
    def id(self) -> str:
        return self.name.replace(" ", "-")


def asks(form: str, kind: str = "388", **changes: Any) -> Request:
    """A request for 2 × 100.00 at 15 %: VAT 30.00, payable 230.00; notes with what they need."""
    note = NOTE if kind in ("381", "383") else {}
    said = {"invoice_type": kind, "simplified": form == "simplified", **note, **changes}
    said = standard(**said) if form == "standard" else simplified(**said)
    return {name: value for name, value in said.items() if value is not None}


def lines(*items: Request) -> Request:
    return {"line_items": list(items)}


def flagged(*flags: str) -> Request:
    """The flags, with what the law wants beside each."""
    more: Request = {"flags": dict.fromkeys(flags, True)}
    if "summary" in flags:
        more |= PERIOD | {"buyer_name": "شركة الحجاز"}
    if "b2g" in flags:
        more |= {"contract_reference": "C-2026-9"}
    if "export" in flags:
        more |= lines({**ZERO, "exemption_code": "VATEX-SA-32"})
    if "self_billed" in flags:
        more |= dict.fromkeys(BUYER) | {"supplier": SUPPLIER}
    return more


MIXED_TOO = {
    ("388", "standard"), ("388", "simplified"), ("381", "standard"), ("383", "simplified"),
    ("386", "standard"),
}  # fmt: skip


def _kinds() -> Iterator[Case]:
    for kind in KINDS:
        note = ("BR-KSA-17", "BR-KSA-56") if kind in ("381", "383") else ()
        for form in ("standard", "simplified"):
            own = ("BR-KSA-42", "BR-KSA-63") if form == "standard" else ("BR-KSA-27", "BR-KSA-60")
            dated = ("BR-KSA-15",) if (kind, form) == ("388", "standard") else ()
            rules = ("BR-KSA-05", "BR-KSA-06", *own, *dated, *note)
            yield Case("plain", asks(form, kind), "30.00", "230.00", rules)
            if (kind, form) not in MIXED_TOO:
                continue
            # 100.00 × 5, and 15.00 and 5.00 of VAT.
            mixed = asks(form, kind, **lines(*MIXED))
            yield Case("mixed", mixed, "20.00", "520.00", ("BR-KSA-18", "BR-CO-14", "BR-CO-18"))


FLAG_RULES = {
    "export": ("BR-KSA-07",), "summary": ("BR-KSA-71", "BR-KSA-72"), "self_billed": ("BR-KSA-31",),
    "b2g": ("BR-KSA-92",), "continuous": ("BR-KSA-06",),
}  # fmt: skip
COMBINED = [
    ("third_party", "summary"), ("third_party", "export"), ("export", "summary"),
    ("nominal", "summary"), ("continuous", "b2g"), ("third_party", "nominal", "export", "summary"),
]  # fmt: skip
# Seven characters, and nine that no rule takes for a standard document's.
COMBINED_SIMPLIFIED = [
    ("nominal", "summary"), ("continuous", "b2g"), ("third_party", "nominal", "continuous"),
]  # fmt: skip
SELF_BILLED = [
    ("self_billed",), ("third_party", "self_billed"), ("nominal", "self_billed"),
    ("summary", "self_billed"), ("self_billed", "continuous"), ("self_billed", "b2g"),
]  # fmt: skip


def _flags() -> Iterator[Case]:
    each = [(flag,) for flag in FLAGS if flag != "self_billed"]
    for flags in each:
        yield _flagged_case("standard", "388", flags)
        yield _flagged_case("simplified", "388", flags)
    for flags in (("third_party",), ("export",), ("summary",)):
        yield _flagged_case("standard", "381", flags)
    for flags in [*SELF_BILLED, *COMBINED, ("nominal", "continuous"), ("nominal", "b2g")]:
        yield _flagged_case("standard", "388", flags)
    for flags in COMBINED_SIMPLIFIED:
        yield _flagged_case("simplified", "388", flags)
    yield _flagged_case("simplified", "381", ("nominal",))
    yield _flagged_case("simplified", "383", ("summary",))
    yield _flagged_case("standard", "386", ("export",))
    yield _flagged_case("standard", "381", ("self_billed",))
    yield _flagged_case("standard", "383", ("self_billed",))


def _flagged_case(form: str, kind: str, flags: tuple[str, ...]) -> Case:
    rules = tuple(rule for flag in flags for rule in FLAG_RULES.get(flag, ())) or ("BR-KSA-06",)
    tax, payable = ("0.00", "100.00") if "export" in flags else ("30.00", "230.00")
    return Case(" ".join(flags), asks(form, kind, **flagged(*flags)), tax, payable, rules)


def _categories() -> Iterator[Case]:
    for form in ("standard", "simplified"):
        yield Case("5 percent", asks(form, **lines(S5)), "5.00", "105.00", ("BR-KSA-84", "BR-S-09"))
        for name, line, rules in (
            ("zero rated", ZERO, ("BR-KSA-69", "BR-Z-05", "BR-Z-08")),
            ("exempt", EXEMPT, ("BR-KSA-23", "BR-E-05", "BR-E-08")),
            ("out of scope", OUTSIDE, ("BR-KSA-24", "BR-KSA-11", "BR-KSA-83")),
        ):
            yield Case(name, asks(form, **lines(line)), "0.00", "100.00", rules)
    for category, template in (("Z", ZERO), ("E", EXEMPT)):
        for code in EXEMPTIONS[category]:
            if code == template["exemption_code"]:
                continue  # above
            citizen = CITIZEN if code in ("VATEX-SA-EDU", "VATEX-SA-HEA") else {}
            rules = ("BR-KSA-CL-04", *(("BR-KSA-25", "BR-KSA-49") if citizen else ()))
            request = asks("standard", **citizen, **lines({**template, "exemption_code": code}))
            yield Case(code, request, "0.00", "100.00", rules)
            if citizen:
                request = asks("simplified", **citizen, **lines({**ZERO, "exemption_code": code}))
                yield Case(code, request, "0.00", "100.00", rules)


def _allowances() -> Iterator[Case]:
    """On 2 × 100.00 at 15 %, unless lines are given."""
    by_category = [
        {"amount": "10.00", **LOYAL, **ON_S15},
        {"amount": "1.00", **LOYAL, "tax_category": "S", "tax_rate": 5},
        {"percent": "2.50", "base": "100.00", **LOYAL, "tax_category": "Z", "tax_rate": 0},
        {"amount": "3.00", **LOYAL, "tax_category": "E", "tax_rate": 0},
        {"amount": "4.00", **LOYAL, "tax_category": "O", "tax_rate": 0},
    ]
    own = {"tax_category": "Z", "tax_rate": 0, "exemption_code": "VATEX-SA-33"}
    line = [
        ("line allowance by amount", {"allowances": [{"amount": "10.00", **LOYAL}]}, "28.50",
         "218.50", ("BR-KSA-EN16931-11",)),
        ("line allowance by percent", {"allowances": [{"percent": "12.50", "base": "200.00"}]},
         "26.25", "201.25", ("BR-KSA-EN16931-03", "BR-KSA-EN16931-04", "BR-KSA-EN16931-05")),
        ("line charge by amount", {"charges": [{"amount": "0.37", **PACKING}]}, "30.06", "230.43",
         ("BR-KSA-20", "BR-KSA-22")),
        ("line charge by percent", {"charges": [{"percent": "5", "base": "200.00", **PACKING}]},
         "31.50", "241.50", ("BR-KSA-20", "BR-KSA-22", "BR-KSA-CL-06")),
        ("line allowances and charges",
         {"allowances": [{"amount": "1.00"}, {"amount": "2.00"}], "discount": "3.00",
          "charges": [{"amount": "4.00", **PACKING}, {"amount": "5.00", **PACKING}]},
         "30.45", "233.45", ("BR-KSA-EN16931-11",)),
        ("price discount", {"price_discount": "1.111111"}, "29.67", "227.45",
         ("BR-KSA-EN16931-06", "BR-KSA-EN16931-07")),
        ("base quantity", {"quantity": 250, "base_quantity": 1000, "unit_code": "GRM"},
         "3.75", "28.75", ("BR-KSA-EN16931-12",)),
        ("price discount on a dozen", {"price_discount": "4.00", "base_quantity": 12,
         "quantity": 30, "unit_code": "DZN"}, "36.00", "276.00", ("BR-KSA-EN16931-12",)),
        # 0.333333 × 33.333333 = 11.11
        ("six decimals", {"quantity": "0.333333", "unit_price": "33.333333"}, "1.67", "12.78",
         ("BR-KSA-EN16931-11",)),
        ("free of charge", {"unit_price": "0"}, "0.00", "0.00", ("BR-26",)),
    ]  # fmt: skip
    document: list[tuple[str, Request, str, str, tuple[str, ...]]] = [
        ("document allowance by amount", {"allowances": [{"amount": "10.00", **LOYAL, **ON_S15}]},
         "28.50", "218.50", ("BR-CO-11", "BR-32")),
        ("document allowance by percent",
         {"allowances": [{"percent": "10", "base": "200.00", **LOYAL, **ON_S15}]},
         "27.00", "207.00", ("BR-KSA-EN16931-03", "BR-KSA-DEC-01")),
        # Half of 2.51 is 1.26, and 1.25 to the rule's binary arithmetic.
        ("percentage at a tie", {"allowances": [{"percent": "50", "base": "2.51", **ON_S15}]},
         "29.81", "228.55", ("BR-KSA-EN16931-03",)),
        ("document charge by amount", {"charges": [{"amount": "10.00", **PACKING, **ON_S15}]},
         "31.50", "241.50", ("BR-CO-12", "BR-KSA-19", "BR-KSA-21")),
        ("document charge by percent",
         {"charges": [{"percent": "2.50", "base": "200.00", **PACKING, **ON_S15}]},
         "30.75", "235.75", ("BR-KSA-EN16931-03", "BR-KSA-CL-06")),
        ("charge in a category of its own", {"charges": [{"amount": "10.00", **PACKING, **own}]},
         "30.00", "240.00", ("BR-Z-01", "BR-KSA-69")),
        ("total discount", {"total_discount": "50.00"}, "22.50", "172.50", ("BR-CO-11",)),
        # 90.00 at 15 %, 99.00 at 5 %, then 97.50, 97.00 and 96.00 without VAT.
        ("allowances of every category", {**lines(*MIXED), "allowances": by_category},
         "18.45", "497.95", ("BR-S-08", "BR-Z-08", "BR-E-08", "BR-O-08")),
    ]  # fmt: skip
    for place, (name, changes, tax, payable, rules) in enumerate(line):
        form = ("standard", "simplified")[place % 2]
        yield Case(name, asks(form, **lines({**LINE, **changes})), tax, payable, rules)
    for place, (name, changes, tax, payable, rules) in enumerate(document):
        form = ("standard", "simplified")[place % 2]
        yield Case(name, asks(form, **changes), tax, payable, rules)


def _money() -> Iterator[Case]:
    """Rounding, currencies and prepayments, on 230.00 of which 30.00 is VAT's."""
    dollars = {"currency": "USD", "exchange_rate": "3.75"}
    old_rate = {**ADVANCE, "number": "386-2", "tax_rate": 5, "tax": "1.00"}
    several = [ADVANCE, old_rate, {**ADVANCE, "number": "386-3", "uuid": UUID}]
    zero = {**ADVANCE, "tax_category": "Z", "tax_rate": 0, "tax": "0.00"}
    zero |= {"exemption_code": "VATEX-SA-35"}
    prepaid = ("BR-KSA-73", "BR-KSA-74", "BR-KSA-75", "BR-KSA-79", "BR-KSA-80", "BR-KSA-82")
    abroad = ("BR-KSA-EN16931-02", "BR-KSA-68", "BR-KSA-87", "BR-KSA-97")
    # Three lines of 33.33: VAT of the lines 3 × 5.00, of the category 15.00 (14.9985).
    thirds = lines(*[{**S15, "unit_price": "33.33"}] * 3)
    # Two lines of 434.78: VAT of the lines 2 × 65.22, of the category 130.43.
    halves = lines(*[{**S15, "unit_price": "434.78"}] * 2)
    for form in ("standard", "simplified"):
        yield from (
            Case("lines that round otherwise", asks(form, **halves), "130.43", "999.99",
                 ("BR-CO-14", "BR-CO-17", "BR-S-09")),
            Case("foreign currency", asks(form, **dollars), "30.00", "230.00", abroad),
            Case("one prepayment", asks(form, prepayments=[ADVANCE]), "30.00", "207.00", prepaid),
            Case("prepayment in a foreign currency", asks(form, prepayments=[ADVANCE], **dollars),
                 "30.00", "207.00", (*prepaid, "BR-KSA-97")),
        )  # fmt: skip
    long_rate = {"currency": "JPY", "exchange_rate": "0.0251234567"}
    whole = {**ADVANCE, "taxable": "200.00", "tax": "30.00"}
    yield from (
        Case("rounded up", asks("standard", payable_rounding="0.40"), "30.00", "230.40",
             ("BR-CO-16",)),
        Case("rounded down", asks("simplified", payable_rounding="-0.99"), "30.00", "229.01",
             ("BR-CO-16", "BR-KSA-F-04")),
        Case("lines that round alike", asks("simplified", **thirds), "15.00", "114.99",
             ("BR-CO-17",)),
        Case("several prepayments and a new rate", asks("standard", prepayments=several), "30.00",
             "163.00", prepaid),
        Case("exchange rate of 14 characters",
             asks("standard", currency="KWD", exchange_rate="123.4567890123"), "30.00", "230.00",
             ("BR-KSA-90",)),
        Case("small exchange rate", asks("standard", **long_rate), "30.00", "230.00",
             ("BR-KSA-89",)),
        Case("foreign currency and allowances",
             asks("standard", **dollars, allowances=[{"amount": "10.00", **LOYAL, **ON_S15}]),
             "28.50", "218.50", abroad),
        Case("mixed in a foreign currency", asks("standard", **dollars, **lines(*MIXED)), "20.00",
             "520.00", abroad),
        Case("export in a foreign currency",
             asks("standard", **FOREIGNER, **flagged("export"), **dollars), "0.00", "100.00",
             abroad),
        Case("prepaid in full", asks("standard", prepayments=[whole]), "30.00", "0.00", prepaid),
        Case("prepayment at zero", asks("standard", **lines(S15, ZERO), prepayments=[zero]),
             "15.00", "195.00", (*prepaid, "BR-KSA-CL-07")),
        Case("prepayment and rounding",
             asks("standard", prepayments=[ADVANCE], payable_rounding="-0.50"), "30.00", "206.50",
             (*prepaid, "BR-CO-16")),
        Case("prepayment in euros", asks("standard", "386", currency="EUR", exchange_rate="4.0912"),
             "30.00", "230.00", abroad),
        Case("of a prepayment", asks("standard", "381", billing_reference=[{"number": "386-1"}]),
             "30.00", "230.00", ("BR-KSA-56",)),
        Case("of a prepayment", asks("simplified", "381", billing_reference=[{"number": "386-1"}]),
             "30.00", "230.00", ("BR-KSA-56",)),
    )  # fmt: skip


def _references() -> Iterator[Case]:
    several = [{"number": "INV-1", "issue_date": "2026-01-31"}, {"number": "INV-2"}]
    bank = {"code": "42", "account": "SA0380000000608010167519", "terms": "30 يوماً | 30 days"}
    yield from (
        Case("of several invoices", asks("standard", "381", billing_reference=several), "30.00",
             "230.00", ("BR-KSA-56", "BR-KSA-F-06-C22")),
        Case("with payment means", asks("simplified", "383", payment_means=bank), "30.00", "230.00",
             ("BR-KSA-16", "BR-KSA-17")),
        Case("references and remarks",
             asks("standard", order_reference="PO-7", contract_reference="C-7", payment_means=bank,
                  notes=["التسليم عند البوابة", "Deliver at the gate"]), "30.00", "230.00",
             ("BR-KSA-F-06-C2", "BR-KSA-F-06-C3", "BR-KSA-F-06-C5")),
        Case("supply over a period", asks("standard", **PERIOD), "30.00", "230.00",
             ("BR-KSA-35", "BR-KSA-36")),
        Case("without payment means", asks("simplified", payment_means=None), "30.00", "230.00",
             ("BR-KSA-16",)),
        Case("without payment means", asks("standard", "381", payment_means=None), "30.00",
             "230.00", ("BR-KSA-16", "BR-KSA-17")),
    )  # fmt: skip


def _parties() -> Iterator[Case]:
    formats = {"TIN": "07", "CRN": "08", "700": "09", "NAT": "10", "IQA": "11"}
    for scheme, number in BUYER_IDS.items():
        identity = {"buyer_tax_number": None, "buyer_id": {"scheme": scheme, "number": number}}
        rules = ("BR-KSA-14", "BR-KSA-81", *(f"BR-KSA-F-{n}" for n in [formats.get(scheme)] if n))
        name, columns = f"buyer by {scheme}", {}
        if scheme in SELLER_IDS:
            name, rules = f"buyer and seller by {scheme}", (*rules, "BR-KSA-08")
            columns = {"id_scheme": scheme, "id_number": SELLER_IDS[scheme]}
        yield Case(name, asks("standard", **identity), "30.00", "230.00", rules, columns)
    gulf = FOREIGNER | {"buyer_id": {"scheme": "GCC", "number": "AE100200300"}}
    gulf |= {"buyer_address": {"street": "شارع الشيخ زايد", "city": "دبي", "country_code": "AE"}}
    in_group = {"buyer_tax_number": "310122393510003"}
    in_group |= {"buyer_id": {"scheme": "TIN", "number": "3101223935"}}
    yield from (
        Case("buyer abroad", asks("standard", **FOREIGNER), "30.00", "230.00", ("BR-KSA-10",)),
        Case("buyer in the Gulf", asks("standard", **gulf), "30.00", "230.00", ("BR-KSA-10",)),
        Case("export to a buyer abroad", asks("standard", **FOREIGNER, **flagged("export")), "0.00",
             "100.00", ("BR-KSA-07", "BR-KSA-10")),
        Case("buyer in a VAT group", asks("standard", **in_group), "30.00", "230.00",
             ("BR-KSA-44", "BR-KSA-F-07")),
        Case("named buyer", asks("simplified", buyer_name="سارة"), "30.00", "230.00",
             ("BR-KSA-F-06-C12",)),
        Case("business buyer", asks("simplified", **BUYER), "30.00", "230.00", ("BR-KSA-44",)),
    )  # fmt: skip
    for form in ("standard", "simplified"):
        rules = ("BR-KSA-40",)
        yield Case("seller in a VAT group", asks(form), "30.00", "230.00", rules,
                   vat_number=GROUP_VAT)  # fmt: skip


UUID = "8e6000cf-1a98-4174-b3e7-b5d5954bc10d"
CASES = [
    *_kinds(), *_flags(), *_categories(), *_allowances(), *_money(), *_references(), *_parties(),
]  # fmt: skip


# --- What the law forbids ------------------------------------------------------------------------


def _line(**changes: Any) -> Request:
    return lines({**LINE, **changes})


def _at(**changes: Any) -> Request:
    return {"buyer_address": {**ADDRESS, **changes}}


def _by(scheme: str, number: str) -> Request:
    return {"buyer_tax_number": None, "buyer_id": {"scheme": scheme, "number": number}}


def _deducts(**changes: Any) -> Request:
    return {"prepayments": [{**ADVANCE, **changes}]}


REFUSALS = [
    Refusal(name, request, param, rule)
    for name, request, param, rule in (
        # flags
        ("self-billed export", asks("standard", **flagged("self_billed", "export")),
         "flags.self_billed", "BR-KSA-07"),
        ("self-billed simplified", asks("simplified", **flagged("self_billed")),
         "flags.self_billed", "BR-KSA-31"),
        ("simplified nominal continuous", asks("simplified", **flagged("nominal", "continuous")),
         "flags.nominal", "DAFTAR-NOMINAL"),
        ("simplified nominal to the government", asks("simplified", **flagged("nominal", "b2g")),
         "flags.nominal", "DAFTAR-NOMINAL"),
        ("to the government without contract", asks("standard", flags={"b2g": True}),
         "contract_reference", "BR-KSA-92"),
        ("simplified summary of nobody", asks("simplified", flags={"summary": True}, **PERIOD),
         "buyer_name", "BR-KSA-71"),
        ("simplified summary without its end",
         asks("simplified", flags={"summary": True}, supply_date=LAST_WEEK, buyer_name="سارة"),
         "supply_end_date", "BR-KSA-72"),
        # dates, notes
        ("end of supply alone", asks("simplified", supply_end_date=YESTERDAY), "supply_date",
         "BR-KSA-35"),
        ("end of supply too early",
         asks("standard", supply_date=YESTERDAY, supply_end_date=LAST_WEEK), "supply_end_date",
         "BR-KSA-36"),
        ("note of nothing", asks("standard", "381", billing_reference=None), "billing_reference",
         "BR-KSA-56"),
        ("note of a later invoice",
         asks("standard", "381",
              billing_reference=[{"number": "INV-0", "issue_date": "2199-01-01"}]),
         "billing_reference[0].issue_date", "BR-KSA-04"),
        ("note without reason", asks("simplified", "383", note_reason=None), "note_reason",
         "BR-KSA-17"),
        # parties
        ("standard without buyer's name", asks("standard", buyer_name=None), "buyer_name",
         "BR-KSA-42"),
        ("standard without buyer's number", asks("standard", buyer_tax_number=None),
         "buyer_tax_number", "BR-KSA-81"),
        ("standard without address", asks("standard", buyer_address=None), "buyer_address",
         "BR-KSA-10"),
        ("Saudi address without district", asks("standard", **_at(district=None)),
         "buyer_address.district", "BR-KSA-63"),
        ("postal code of four", asks("standard", **_at(postal_code="2342")),
         "buyer_address.postal_code", "BR-KSA-67"),
        ("building number of three", asks("standard", **_at(building_number="324")),
         "buyer_address.building_number", "BR-KSA-37"),
        ("no such country", asks("standard", **_at(country_code="ZZ")),
         "buyer_address.country_code", "BR-CL-14"),
        ("buyer's VAT number", asks("standard", buyer_tax_number="310122393500004"),
         "buyer_tax_number", "BR-KSA-44"),
        ("buyer is the seller", asks("standard", buyer_tax_number=NAJD_VAT), "buyer_tax_number",
         "BR-CUSTOM-VALIDATION-01"),
        ("unknown scheme", asks("standard", **_by("VAT", "1")), "buyer_id.scheme", "BR-KSA-14"),
        ("TIN", asks("standard", **_by("TIN", "1101223935")), "buyer_id.number", "BR-KSA-F-07"),
        ("CRN", asks("standard", **_by("CRN", "403012375")), "buyer_id.number", "BR-KSA-F-08"),
        ("700", asks("standard", **_by("700", "3101223935")), "buyer_id.number", "BR-KSA-F-09"),
        ("national ID", asks("standard", **_by("NAT", "2098765012")), "buyer_id.number",
         "BR-KSA-F-10"),
        ("Iqama", asks("standard", **_by("IQA", "1098765012")), "buyer_id.number", "BR-KSA-F-11"),
        ("made-up number", asks("standard", **_by("OTH", "12345678")), "buyer_id.number",
         "BR-KSA-F-13"),
        # categories
        ("ten percent", asks("standard", **_line(tax_rate=10)), "line_items[0].tax_rate",
         "BR-KSA-84"),
        ("zero rated at five", asks("standard", **lines({**ZERO, "tax_rate": 5})),
         "line_items[0].tax_rate", "BR-Z-05"),
        ("exempt at five", asks("standard", **lines({**EXEMPT, "tax_rate": 5})),
         "line_items[0].tax_rate", "BR-E-05"),
        ("out of scope at five", asks("standard", **lines({**OUTSIDE, "tax_rate": 5})),
         "line_items[0].tax_rate", "BR-KSA-11"),
        ("zero rated for no reason", asks("standard", **lines({**ZERO, "exemption_code": None})),
         "line_items[0].exemption_code", "BR-KSA-69"),
        ("exempt for no reason", asks("standard", **lines({**EXEMPT, "exemption_code": None})),
         "line_items[0].exemption_code", "BR-KSA-23"),
        ("out of scope in no words",
         asks("standard", **lines({**OUTSIDE, "exemption_reason": None})),
         "line_items[0].exemption_reason", "BR-KSA-83"),
        ("code of another category",
         asks("standard", **lines({**EXEMPT, "exemption_code": "VATEX-SA-32"})),
         "line_items[0].exemption_code", "BR-KSA-CL-04"),
        ("exemption at fifteen", asks("standard", **_line(exemption_code="VATEX-SA-32")),
         "line_items[0].exemption_code", "BR-S-10"),
        ("two codes of one category",
         asks("standard", **lines(ZERO, {**ZERO, "exemption_code": "VATEX-SA-32"})),
         "line_items[1].exemption_code", "DAFTAR-ONE-EXEMPTION"),
        ("healthcare for a stranger",
         asks("standard", **lines({**ZERO, "exemption_code": "VATEX-SA-HEA"})), "buyer_id.scheme",
         "BR-KSA-49"),
        # allowances and charges
        ("charge without code",
         asks("standard", charges=[{"amount": "1", "reason": "x", **ON_S15}]),
         "charges[0].reason_code", "BR-KSA-CL-06"),
        ("line charge without reason",
         asks("standard", **_line(charges=[{"amount": "1", "reason_code": "PC"}])),
         "line_items[0].charges[0].reason", "BR-KSA-21"),
        ("allowance above its line", asks("standard", **_line(allowances=[{"amount": "200.01"}])),
         "line_items[0].allowances", "BR-KSA-F-04"),
        ("allowance above its category",
         asks("standard", allowances=[{"amount": "200.01", **ON_S15}]), "allowances",
         "BR-KSA-F-04"),
        ("discount above the price", asks("standard", **_line(price_discount="100.01")),
         "line_items[0].price_discount", "BR-KSA-EN16931-07"),
        # currencies
        ("no such currency", asks("standard", currency="XYZ", exchange_rate="2"), "currency",
         "BR-KSA-CL-01"),
        ("foreign currency without rate", asks("standard", currency="USD"), "exchange_rate",
         "BR-53"),
        ("riyals with a rate", asks("standard", exchange_rate="1"), "exchange_rate",
         "DAFTAR-EXCHANGE-RATE"),
        ("rate of 15 characters", asks("standard", currency="USD", exchange_rate="12345.678901234"),
         "exchange_rate", "BR-KSA-90"),
        ("dollar for riyal", asks("standard", currency="USD", exchange_rate="1"), "exchange_rate",
         "BR-KSA-97"),
        ("sixteen digits", asks("standard", **_line(quantity="1000000", unit_price="10000000")),
         "line_items", "DAFTAR-AMOUNT"),
        # prepayments
        ("prepayment on a note", asks("standard", "381", **_deducts()), "prepayments",
         "DAFTAR-PREPAYMENT-KIND"),
        ("prepayment's VAT", asks("standard", **_deducts(tax="2.98")), "prepayments[0].tax",
         "BR-KSA-79"),
        ("prepayment of tomorrow", asks("standard", **_deducts(issued_at="2199-01-01T00:00:00Z")),
         "prepayments[0].issued_at", "BR-KSA-04"),
        ("prepayment of nothing", asks("standard", **_deducts(taxable="0", tax="0")),
         "prepayments[0].taxable", "BR-KSA-80"),
        ("prepaid too much", asks("standard", **_deducts(taxable="200.01", tax="30.00")),
         "prepayments", "DAFTAR-PAYABLE"),
        ("prepayment of another category",
         asks("standard", **_deducts(tax_category="Z", tax_rate=0, tax="0",
                                     exemption_code="VATEX-SA-35")),
         "prepayments[0].tax_category", "DAFTAR-PREPAYMENT-CATEGORY"),
    )
]  # fmt: skip

HEAD = "| document | form | flags | supplies | shows | VAT | payable | official rules | test |"
REFUSED_HEAD = "| refused | field | rule | test |"


def rows() -> Iterator[list[str]]:
    """The table of docs/documents.md, cell by cell."""
    for case in CASES:
        yield [
            f"{case.kind} {KINDS[case.kind]}", case.form, ", ".join(case.flags),
            ", ".join(case.supplies), case.name, case.tax, case.payable, ", ".join(case.rules),
            f"`test_the_document[{case.id}]`",
        ]  # fmt: skip


def refused_rows() -> Iterator[list[str]]:
    for refusal in REFUSALS:
        test = f"`test_the_refusal[{refusal.id}]`"
        yield [refusal.name, f"`{refusal.param}`", refusal.rule, test]


def printed(head: str, body: Iterator[list[str]]) -> str:
    rule = "|" + "---|" * (head.count("|") - 1)
    return "\n".join([head, rule, *(f"| {' | '.join(cells)} |" for cells in body)])


if __name__ == "__main__":
    print(printed(HEAD, rows()), printed(REFUSED_HEAD, refused_rows()), sep="\n\n")
