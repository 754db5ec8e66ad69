"""Quotes and what becomes of them: bound with an invoice, issued, changed, cancelled, unbound."""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from integrations.sandbox.store import Record, Store
from integrations.sandbox.wire import Fault

SUBMITTED, BOUND, PENDING_CANCELLATION, PENDING_REINSTATEMENT = 1, 3, 7, 8
UNBOUND_ENDORSEMENT, CANCELLED = 9, 12
STATUS_UNBOUND = {
    "N": SUBMITTED,
    "E": UNBOUND_ENDORSEMENT,
    "C": PENDING_CANCELLATION,
    "R": PENDING_REINSTATEMENT,
}
FIRST_CONTROL, FIRST_INVOICE, FIRST_OFFICE_INVOICE = 495001, 286201, 261
PREMIUM_ON_BOUND = "Can't modify premiums on a bound policy"
NO_INSTALLMENT = "Installment billing information not found"


def now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def day(text: str) -> date:
    """MM/DD/YYYY as the procedures take it, or ISO; raises Fault as SQL Server does."""
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text[:10], form).astimezone().date()
        except ValueError:
            continue
    raise Fault(
        "Conversion failed when converting date and/or time from character string.",
        "System.Data.SqlClient.SqlException",
    )


def money(value: object) -> Decimal:
    """Raises Fault as SQL Server does for text that is no amount."""
    try:
        amount = Decimal(str(value or 0))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Fault(
            "Error converting data type varchar to decimal.", "System.Data.SqlClient.SqlException"
        )
    return amount.quantize(Decimal("0.0001"))


def quote_of(store: Store, guid: str) -> Record:
    """Raises Fault when there is no such quote."""
    quote = store.get("quote", guid)
    if quote is None:
        raise Fault("No quote found for the provided QuoteGuid.")
    return quote


def chain_of(store: Store, control: int) -> list[Record]:
    """The original and every transaction after it, oldest first."""
    return store.all("quote", str(control))


def new_quote(store: Store, quote: Record) -> Record:
    """A submitted quote with a control number of its own."""
    control = store.next("control", FIRST_CONTROL)
    blank: Record = {"premium": None, "fee": "0", "bound": None, "issued": None, "policy": ""}
    whole = blank | {"control": control, "kind": "N", "status": SUBMITTED, "number": 0} | quote
    return store.add("quote", whole, str(control))


def follow(
    store: Store, last: Record, kind: str, effective: str, premium: Decimal, comment: str = ""
) -> Record:
    """The unbound quote of an endorsement, cancellation or reinstatement, with its option."""
    changes = {
        "kind": kind,
        "status": STATUS_UNBOUND[kind],
        "number": last["number"] + 1,
        "original": last["guid"],
        "transaction_date": effective,
        "premium": str(premium),
        "fee": "0",
        "bound": None,
        "issued": None,
        "comment": comment,
    }
    kept = {name: value for name, value in last.items() if name != "guid"}
    quote = store.add("quote", kept | changes, str(last["control"]))
    options(store, quote)
    return quote


def options(store: Store, quote: Record) -> list[Record]:
    """The options of a quote, made on first asking and never twice."""
    held = store.all("option", quote["guid"])
    if held:
        return held
    number = store.next("option", 1)
    option = {"quote": quote["guid"], "line": quote["line"], "id": number}
    return [store.add("option", option, quote["guid"])]


def bind(store: Store, quote: Record, backdate_days: int) -> str:
    """Binds and invoices; answers the policy number. Raises Fault for every rule IMS keeps."""
    if quote["bound"]:
        raise Fault("The quote is already bound.")
    location = store.get("producer_location", quote["location"])
    if location is None or not _has_line(location, quote):
        raise Fault(
            "No producer line setup could be found for this producer location"
            " or it is outside of the Effective Period."
        )
    effective = day(quote["effective"])
    if quote["kind"] == "N" and effective < datetime.now().astimezone().date() - timedelta(
        days=backdate_days
    ):
        raise Fault(
            f"Effective date exceeds the maximum backdate allowance ({backdate_days} days)"
            " for this company/line setup."
        )
    if quote["premium"] is None or not store.all("option", quote["guid"]):
        raise Fault(NO_INSTALLMENT)
    quote["policy"] = quote["policy"] or f"IMS{quote['control']:07d}"
    quote["status"] = CANCELLED if quote["kind"] == "C" else BOUND
    quote["bound"] = now()
    store.save(quote)
    _invoice(store, quote)
    return str(quote["policy"])


def _has_line(location: Record, quote: Record) -> bool:
    lines = location["lines"]
    if lines is not None and quote["line"] not in lines:
        return False
    return bool(location["from"] <= quote["effective"][:10] <= location["until"])


def _invoice(store: Store, quote: Record) -> None:
    premium, fee = money(quote["premium"]), money(quote["fee"])
    if not premium and not fee:
        return
    start = day(quote.get("transaction_date") or quote["effective"])
    commission = (premium * Decimal(quote["commission"])).quantize(Decimal("0.0001"))
    record: Record = {
        "quote": quote["guid"],
        "number": store.next("invoice", FIRST_INVOICE),
        "office_number": store.next("office_invoice", FIRST_OFFICE_INVOICE),
        "premium": str(premium),
        "fee": str(fee),
        "commission": str(commission),
        "date": now(),
        "effective": start.isoformat(),
        "due": (start + timedelta(days=30)).isoformat(),
        "failed": False,
        "looked_up": 0,
    }
    store.add("invoice", record, str(quote["control"]))


def issue(store: Store, quote: Record) -> str:
    """The date of issue, the first one also when asked again. Raises Fault while unbound."""
    if not quote["bound"]:
        raise Fault("Can not issue an unbound policy")
    if not quote["issued"]:
        quote["issued"] = now()
        store.save(quote)
    return str(quote["issued"])


def unbind(store: Store, quote: Record) -> str:
    """The sentence that refuses, or nothing and the quote is unbound, its invoices void."""
    if not quote["bound"]:
        return "The provided quote is not bound, so it cannot be unbound."
    if chain_of(store, quote["control"])[-1]["guid"] != quote["guid"]:
        return "The provided quote is not the latest transaction, so it cannot be unbound."
    quote |= {"bound": None, "issued": None, "status": STATUS_UNBOUND[quote["kind"]]}
    store.save(quote)
    for invoice in invoices(store, quote):
        store.save(invoice | {"failed": True})
    return ""


def invoices(store: Store, quote: Record) -> list[Record]:
    """Those of this one transaction, void ones included, oldest first."""
    held = store.all("invoice", str(quote["control"]))
    return [invoice for invoice in held if invoice["quote"] == quote["guid"]]


def premium_total(store: Store, control: int) -> tuple[Decimal, int]:
    """Sum and number of the invoices that stand on a policy."""
    held = [i for i in store.all("invoice", str(control)) if not i["failed"]]
    return sum((money(i["premium"]) for i in held), Decimal("0.0000")), len(held)
