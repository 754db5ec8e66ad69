"""Random requests that are legal by construction, as hypothesis strategies: every kind and form of
document, category, allowance, currency and prepayment that the table of documents knows, at random.

What is legal is worked out here in whole halalas, from the law and not from the code under test.
"""

from collections.abc import Callable
from copy import deepcopy
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.invoicing.document_table import (
    ABROAD,
    ADDRESS,
    BUYER_IDS,
    EXEMPTIONS,
    FLAGS,
    HIJAZ_VAT,
    PERIOD,
    SUPPLIER,
)
from tests.invoicing.payloads import ISSUED_AT

Draw = Callable[[st.SearchStrategy], Any]
Request = dict[str, Any]

CENT = Decimal("0.01")
MOST_LINES = 60
# Ten trillions is where a document ends; the most expensive line leaves room for sixty of its kind.
DEAREST = Decimal("1e11")


class Kind(NamedTuple):
    """What makes lines one row of the VAT breakdown; the exemption is one per category."""

    tax_category: str
    tax_rate: int
    exemption_code: str | None = None
    exemption_reason: str | None = None

    @property
    def fields(self) -> Request:
        return {name: value for name, value in self._asdict().items() if value is not None}


def scaled(smallest: int, largest: int, places: int) -> st.SearchStrategy:
    return st.integers(smallest, largest).map(lambda number: Decimal(number).scaleb(-places))


QUANTITIES = st.one_of(
    scaled(1, 40, 0), scaled(1, 40_000, 3), scaled(1, 10_000_000, 6), scaled(1, 10**9, 0)
)
PRICES = st.one_of(
    scaled(0, 50_000, 2), scaled(1, 10**9, 6), scaled(1, 10**11, 2), scaled(1, 10**15 - 1, 6)
)
BASES = st.sampled_from(["1", "3", "7", "12", "0.3", "100", "144", "1000", "0.000001"]).map(Decimal)
NAMES = st.sampled_from(["Rice | أرز", "خدمة استشارية", 'A & B <1> "q"', "5 % off", "x" * 1000])
UNITS = st.sampled_from([None, "PCE", "KGM", "HUR", "DZN", "C62"])
RATES = st.sampled_from(["3.75", "3.7503", "4.0912345678", "12.23", "0.0254", "0.000313", "999999"])
PERCENTS = scaled(0, 10_000, 2)
IDENTITIES = st.sampled_from(
    [{"scheme": scheme, "number": number} for scheme, number in BUYER_IDS.items()]
)


@st.composite
def baskets(draw: Draw) -> Request:
    """A request that must be accepted, and whose document the official rules find nothing in."""
    kinds = draw(_kinds())
    lines = [
        _line(draw, draw(st.sampled_from(kinds)), index) for index in range(draw(_line_counts()))
    ]
    request = {
        "mode": "PHASE_2",
        "environment": "SANDBOX",
        "invoice_number": "F-1",
        "invoice_date": ISSUED_AT,
        **_frame(draw, kinds),
        "line_items": [line for line, _ in lines],
    }
    sums: dict[Kind, Decimal] = {}
    for line, net in lines:
        kind = next(kind for kind in kinds if kind.tax_category == line["tax_category"]
                    and kind.tax_rate == line["tax_rate"])  # fmt: skip
        sums[kind] = sums.get(kind, Decimal(0)) + net
    _adjust(draw, request, sums)
    _advance(draw, request, sums)
    total = sum(map(_with_tax, sums, sums.values())) - _prepaid(request)
    if total >= 1 and draw(st.integers(0, 3)) == 0:
        request["payable_rounding"] = str(draw(scaled(-99, 99, 2)))
    _pay_abroad(draw, request, sums)
    return request


def _line_counts() -> st.SearchStrategy:
    """Few as a rule, one in sixteen up to sixty: the judge takes a millisecond a line."""
    few = st.sampled_from([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, MOST_LINES])
    return few.flatmap(lambda most: st.integers(1 if most == MOST_LINES else most, most))


@st.composite
def _kinds(draw: Draw) -> list[Kind]:
    """One to four kinds of supply, of each category one exemption."""
    found = [
        Kind("S", rate) for rate in draw(st.sampled_from([(15,), (15,), (15,), (15, 5), (5,), ()]))
    ]
    for category in ("Z", "E", "O"):
        if draw(st.integers(0, 3)) == 0 or (category == "O" and not found):
            code = draw(st.sampled_from(EXEMPTIONS[category]))
            reason = "Visa fees | رسوم" if category == "O" else None
            found.append(Kind(category, 0, code, reason))
    return found


def _frame(draw: Draw, kinds: list[Kind]) -> Request:
    """Type, form, flags, parties, dates and references, as they go together."""
    citizen = any(kind.exemption_code in ("VATEX-SA-EDU", "VATEX-SA-HEA") for kind in kinds)
    simplified = draw(st.booleans())
    flags = draw(_flags(simplified=simplified, citizen=citizen))
    frame: Request = {
        "invoice_type": draw(st.sampled_from(["388", "388", "388", "381", "383", "386"])),
        "simplified": simplified,
        "flags": dict.fromkeys(flags, True),
    }
    if "self_billed" in flags:
        frame["supplier"] = SUPPLIER
    else:
        frame |= _buyer(draw, simplified=simplified, citizen=citizen, named="summary" in flags)
    if frame["invoice_type"] in ("381", "383"):
        numbers = range(draw(st.integers(1, 3)))
        frame["billing_reference"] = [{"number": f"INV-{number}"} for number in numbers]
        frame["note_reason"] = "إرجاع | returned"
    if "summary" in flags or draw(st.integers(0, 4)) == 0:
        frame |= PERIOD
    if "b2g" in flags:
        frame["contract_reference"] = "C-1"
    if draw(st.integers(0, 2)) == 0:
        frame["payment_means"] = {
            "code": draw(st.sampled_from(["1", "10", "30", "42", "48", "ZZZ"]))
        }
    return frame


@st.composite
def _flags(draw: Draw, *, simplified: bool, citizen: bool) -> list[str]:
    """None, or any legal combination."""
    if draw(st.booleans()):
        return []
    flags = draw(st.sets(st.sampled_from(FLAGS)))
    if simplified or citizen or "export" in flags:
        flags.discard("self_billed")
    if simplified and "nominal" in flags and "third_party" not in flags:
        flags -= {"continuous", "b2g"}
    return sorted(flags)


def _buyer(draw: Draw, *, simplified: bool, citizen: bool, named: bool) -> Request:
    if citizen:
        identity = {"scheme": "NAT", "number": "1098765012"}
        return {"buyer_name": "Sara", "buyer_id": identity, "buyer_address": ADDRESS}
    if simplified:
        return {"buyer_name": "Sara"} if named or draw(st.booleans()) else {}
    buyer = {"buyer_name": "شركة الحجاز", "buyer_address": draw(st.sampled_from([ADDRESS, ABROAD]))}
    if draw(st.booleans()):
        return buyer | {"buyer_tax_number": HIJAZ_VAT}
    return buyer | {"buyer_id": draw(IDENTITIES)}


def _line(draw: Draw, kind: Kind, index: int) -> tuple[Request, Decimal]:
    """A line and its net amount."""
    quantity, price, base, discount = draw(QUANTITIES), draw(PRICES), None, Decimal(0)
    line: Request = {"name": draw(NAMES), **kind.fields}
    extra = draw(st.integers(0, 9))
    if extra == 0:
        base = draw(BASES)
        line["base_quantity"] = str(base)
    if extra == 1:
        discount = draw(scaled(0, min(int(price * 10**6), 10**9), 6))
        line["price_discount"] = str(discount)
    if unit := draw(UNITS):
        line["unit_code"] = unit
    if quantity * (price - discount) / (base or 1) > DEAREST:
        quantity = Decimal(1) * (base or 1)
    line |= {"quantity": str(quantity), "unit_price": str(price)}
    net = _round(quantity * (price - discount) / (base or 1))
    if extra in (2, 3):
        net += _line_adjustments(draw, line, net)
    return line, net


def _line_adjustments(draw: Draw, line: Request, net: Decimal) -> Decimal:
    taken = Decimal(0)
    count = draw(st.integers(1, 3))
    allowances = [_allowance(draw, net / count) for _ in range(count)]
    line["allowances"] = [allowance for allowance, _ in allowances]
    taken -= sum(amount for _, amount in allowances)
    if draw(st.booleans()):
        charge, amount = _charge(draw)
        line["charges"] = [charge]
        taken += amount
    if -taken < net and draw(st.booleans()):
        discount = draw(scaled(0, min(int((net + taken) * 100), 10**9), 2))
        line["discount"] = str(discount)
        taken -= discount
    return taken


def _allowance(draw: Draw, at_most: Decimal) -> tuple[Request, Decimal]:
    """An allowance by amount or by percentage that leaves something, and what it takes away."""
    most = max(int(at_most * 100) - 1, 0)
    if draw(st.booleans()):
        amount = draw(scaled(0, most, 2))
        return {"amount": str(amount), "reason": "loyal", "reason_code": "95"}, amount
    base, percent = draw(scaled(0, most, 2)), draw(PERCENTS)
    return {"base": str(base), "percent": str(percent)}, _round(base * percent / 100)


def _charge(draw: Draw) -> tuple[Request, Decimal]:
    why = {"reason": "تغليف | packing", "reason_code": draw(st.sampled_from(["CG", "PC", "LF"]))}
    if draw(st.booleans()):
        amount = draw(scaled(0, 10**6, 2))
        return {"amount": str(amount), **why}, amount
    base, percent = draw(scaled(0, 10**6, 2)), draw(PERCENTS)
    return {"base": str(base), "percent": str(percent), **why}, _round(base * percent / 100)


def _adjust(draw: Draw, request: Request, sums: dict[Kind, Decimal]) -> None:
    """Allowances and charges of the whole document, some in a category that no line has."""
    allowances, charges = [], []
    if draw(st.integers(0, 2)) == 0:
        for kind in list(sums):
            if draw(st.booleans()):
                allowance, amount = _allowance(draw, sums[kind])
                allowances.append(allowance | kind.fields)
                sums[kind] -= amount
    if draw(st.integers(0, 2)) == 0:
        kind = draw(st.sampled_from([*sums, Kind("S", 15)]))
        charge, amount = _charge(draw)
        charges.append(charge | kind.fields)
        sums[kind] = sums.get(kind, Decimal(0)) + amount
    request |= {"allowances": allowances, "charges": charges}
    if len(sums) == 1 and not charges and draw(st.integers(0, 3)) == 0:
        [kind] = sums
        discount = draw(scaled(0, max(min(int(sums[kind] * 100), 10**13) - 1, 0), 2))
        request["total_discount"] = str(discount)
        sums[kind] -= discount


def _advance(draw: Draw, request: Request, sums: dict[Kind, Decimal]) -> None:
    """Prepayments of the invoice's categories, S at either rate, together less than the total."""
    if request["invoice_type"] != "388" or draw(st.integers(0, 3)):
        return
    supplied = {(line["tax_category"], line["tax_rate"]) for line in request["line_items"]}
    kinds = [
        kind for kind in sums
        if (kind.tax_category, kind.tax_rate) in supplied
        and kind.exemption_code not in ("VATEX-SA-ROYALDECREE", "VATEX-SA-32(bis)")
    ]  # fmt: skip
    if not kinds:
        return
    count, advances = draw(st.integers(1, 4)), []
    for number in range(count):
        kind = draw(st.sampled_from(kinds))
        most = int(sums[kind] * 100 / (count + 1))
        if most < 1:
            continue
        rate = draw(st.sampled_from([5, 15])) if kind.tax_category == "S" else 0
        taxable = draw(scaled(1, most, 2))
        advances.append(
            kind.fields
            | {
                "number": f"386-{number}",
                "issued_at": "2025-11-30T21:00:00Z",
                "taxable": str(taxable),
                "tax": str(_round(taxable * rate / 100)),
                "tax_rate": rate,
            }
        )
    request["prepayments"] = advances


def _prepaid(request: Request) -> Decimal:
    return sum(
        (Decimal(row["taxable"]) + Decimal(row["tax"]) for row in request.get("prepayments", ())),
        Decimal(0),
    )


def _pay_abroad(draw: Draw, request: Request, sums: dict[Kind, Decimal]) -> None:
    tax = sum((_with_tax(kind, net) - net for kind, net in sums.items()), Decimal(0))
    if draw(st.integers(0, 2)):
        return
    rate = draw(RATES)
    # VAT must differ between the currencies (BR-KSA-97), which that of a sweet cannot.
    if (tax == 0 or tax > 1) and tax * Decimal(rate) < DEAREST:
        request |= {"currency": draw(st.sampled_from(["USD", "EUR", "KWD", "JPY"]))}
        request |= {"exchange_rate": rate}


def _with_tax(kind: Kind, net: Decimal) -> Decimal:
    return net + _round(net * kind.tax_rate / 100)


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


# --- One change away from legal ------------------------------------------------------------------

STRANGE = [
    None, "", " ", "0", "-1", "0.001", "0.005", "1", "5", "10", "15", "99.99", "100.01",
    "123456789012345",
    "9999999999999.99", "12345", "x", "xx", "شركة", "x" * 128, "x" * 1001, "S", "Z", "E", "O",
    "VATEX-SA-32", "VATEX-SA-29", "VATEX-SA-OOS", "VATEX-SA-EDU", "VATEX-SA-ROYALDECREE", "CRN",
    "TIN", "NAT", "700", "1010010000", "1234567890", "399999999900003", "310122393500003",
    "381", "383", "386", "388", "USD", "SAR", "XXX", "SA", "US", "CG", "95", "ZZZ", "200",
    "2020-01-01", "2199-01-01", True, False, [], {}, 7,
]  # fmt: skip


def _places(value: Any, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _places(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += _places(inner, (*path, index))
    return found


FIELDS = [
    "exemption_code", "exemption_reason", "tax_rate", "tax_category", "amount", "percent", "base",
    "reason_code", "discount", "price_discount", "base_quantity", "unit_code", "buyer_name",
    "buyer_tax_number", "exchange_rate", "currency", "payable_rounding", "supply_date", "number",
    "supply_end_date", "note_reason", "country_code", "plot_identification", "additional_street",
    "district", "invoice_type", "simplified", "nominal", "export", "summary", "self_billed",
    "continuous", "b2g", "third_party", "order_reference", "contract_reference", "account", "code",
]  # fmt: skip


@st.composite
def spoiled(draw: Draw) -> Request:
    """A basket with one or two values changed, taken away or added, legal or not."""
    request = deepcopy(draw(baskets()))
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from(_places(request)))
        holder = request
        for step in way:
            holder = holder[step]
        value = draw(st.sampled_from(STRANGE))
        change = draw(st.integers(0, 3))
        if change == 0:
            del holder[last]
        elif change == 1 and isinstance(holder, dict):
            holder[draw(st.sampled_from(FIELDS))] = value
        elif change == 2 and isinstance(holder, list):
            holder.append(deepcopy(holder[last]))
        else:
            holder[last] = value
    return request
