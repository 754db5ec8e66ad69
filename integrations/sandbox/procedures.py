"""The customer's stored procedures behind ExecuteDataSet, under their names without `_WS`."""

import json
from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal

from integrations.sandbox import books
from integrations.sandbox.knobs import Knobs
from integrations.sandbox.store import Record, Store
from integrations.sandbox.wire import Call, Fault, Row, Tree, data_set

SQL = "System.Data.SqlClient.SqlException"
Tables = list[tuple[str, Row]]
Values = dict[str, str]
Procedure = Callable[[Store, Knobs, Values], Tables]


def execute(store: Store, knobs: Knobs, call: Call) -> Tree:
    """Raises Fault: names without values, or a procedure there is none of."""
    words = [e.text or "" for e in call.arguments.iterfind("{*}parameters/{*}string")]
    if len(words) % 2:
        raise Fault("Parameters must be specified in Key/Value pairs", "System.Exception")
    names = (name.lstrip("@").lower() for name in words[::2])
    values = dict(zip(names, words[1::2], strict=True))
    name = call.text("procedureName")
    procedure = PROCEDURES.get(name.lower())
    if procedure is None:
        raise Fault(f"Could not find stored procedure '{name}_WS'.", SQL)
    return data_set(*procedure(store, knobs, values))


def command(store: Store, knobs: Knobs, call: Call) -> Tree:
    """ExecuteCommand: the company lines a configuration is checked against."""
    if call.text("procedureName").lower() != "validcompanylinesxml":
        return execute(store, knobs, call)
    rows: Tables = []
    for line in store.all("line"):
        names: Row = {"LineGUID": line["guid"], "LineName": line["name"], "StateID": line["state"]}
        rows.append(("CompanyLine", names | {"CompanyLocationGUID": line["company_guid"]}))
    return data_set(*rows).replace("Results", "ValidCompanyLines")


def producer(store: Store, knobs: Knobs, values: Values) -> Tables:
    email, name = (
        values.get(n, "").strip().casefold() for n in ("producer_email", "producer_name")
    )
    contacts = store.all("producer_contact")
    found = [c for c in contacts if email and c["active"] and c["email"].casefold() == email]
    found = found or [c for c in contacts if name and c["name"].casefold() == name]
    if not found:
        return []
    guids: Row = {"ProducerContactGUID": found[0]["guid"]}
    return [("Table", guids | {"ProducerLocationGUID": found[0]["location"]})]


def user(store: Store, knobs: Knobs, values: Values) -> Tables:
    wanted = values.get("fullname", "").casefold()
    found = [u for u in store.all("user") if u["name"].casefold() == wanted]
    return [("Table", {"UserGUID": found[0]["guid"]})] if found else []


def store_transaction(store: Store, knobs: Knobs, values: Values) -> Tables:
    number = values.get("transaction_id", "")
    held = store.all("transaction", number)
    if held:
        said: Row = {"Status": "Warning", "Message": "Transaction already exists"}
        return [("Table", said | {"transaction_id": number, "date_created": held[0]["created"]})]
    kept = store.add("transaction", {"created": books.now(), "values": values}, number)
    row: Row = {
        "Status": "Success",
        "Message": "Transaction stored successfully",
        "transaction_id": number,
        "TritonTransactionDataID": str(store.next("transaction", 811)),
        "date_created": kept["created"],
    }
    return [("Table", row)]


def _link(store: Store, kind: str, key: str, quote: Record) -> None:
    if key and quote["guid"] not in [link["quote"] for link in store.all(kind, key)]:
        store.add(kind, {"quote": quote["guid"]}, key)


def _linked(store: Store, kind: str, key: str) -> Record | None:
    held = store.all(kind, key) if key else []
    return store.get("quote", held[-1]["quote"]) if held else None


def _latest(store: Store, opportunity: str) -> Record | None:
    quote = _linked(store, "of_opportunity", opportunity)
    return books.chain_of(store, quote["control"])[-1] if quote else None


def _yes(quote: Record) -> str:
    return "1" if quote["bound"] else "0"


def _option(store: Store, quote: Record) -> str | None:
    held = store.all("option", quote["guid"])
    return str(held[0]["guid"]) if held else None


def by_opportunity(store: Store, knobs: Knobs, values: Values) -> Tables:
    opportunity = values.get("opportunityid", "")
    quote = _linked(store, "of_opportunity", opportunity)
    if quote is None:
        return []
    insured = store.get("insured", quote["insured"]) or {}
    row: Row = {
        "QuoteGuid": quote["guid"],
        "QuoteOptionGuid": _option(store, quote),
        "policy_number": quote["policy"],
        "insured_name": insured.get("NameOnPolicy"),
        "opportunity_id": opportunity,
        "created_date": quote["created"],
        "QuoteStatusID": str(quote["status"]),
        "DateBound": quote["bound"],
        "DateIssued": quote["issued"],
        "IsBound": _yes(quote),
        "BoundFlag": "true" if quote["bound"] else "false",
    }
    return [("Table", row)]


def by_policy(store: Store, knobs: Knobs, values: Values) -> Tables:
    number = values.get("policynumber") or values.get("expiringpolicynumber") or ""
    quote = _linked(store, "of_policy", number)
    if quote is None:
        return []
    row: Row = {
        "QuoteGuid": quote["guid"],
        "PolicyNumber": quote["policy"],
        "InsuredGuid": quote["insured"],
        "QuoteStatusID": str(quote["status"]),
        "StateID": quote["state"],
        "ProducerContactGuid": quote["contact"],
        "LastTransactionId": quote.get("transaction"),
        "net_premium": quote.get("net_premium"),
    }
    return [("Table", row)]


def bound_status(store: Store, knobs: Knobs, values: Values) -> Tables:
    quote = store.get("quote", values.get("quoteguid", "").lower())
    if quote is None:
        return []
    row: Row = {
        "QuoteGuid": quote["guid"],
        "QuoteStatusID": str(quote["status"]),
        "PolicyNumber": quote["policy"],
        "DateBound": quote["bound"],
        "DateIssued": quote["issued"],
        "Bound": "true" if quote["bound"] else "false",
        "IsBound": _yes(quote),
        "BoundMessage": f"Policy is {'already' if quote['bound'] else 'not'} bound",
    }
    return [("Table", row)]


def latest(store: Store, knobs: Knobs, values: Values) -> Tables:
    quote = _latest(store, values.get("opportunityid", ""))
    if quote is None:
        return []
    row: Row = {
        "QuoteGuid": quote["guid"],
        "ControlNo": str(quote["control"]),
        "PolicyNumber": quote["policy"],
        "QuoteStatusID": str(quote["status"]),
        "TransactionTypeID": None if quote["kind"] == "N" else quote["kind"],
        "EndorsementNum": str(quote["number"]) if quote["number"] else None,
        "ChainLevel": str(quote["number"]),
        "Message": "Success",
    }
    return [("Table", row)]


def premium_total(store: Store, knobs: Knobs, values: Values) -> Tables:
    control = values.get("controlno", "")
    total, count = books.premium_total(store, int(control) if control.isdigit() else 0)
    sums: Row = {"ControlNo": control, "TotalPremium": str(total), "InvoiceCount": str(count)}
    return [("Table", sums | {"Status": "Success"})]


def payload(store: Store, knobs: Knobs, values: Values) -> Tables:
    quote = books.quote_of(store, values.get("quoteguid", "").lower())
    try:
        body = json.loads(values.get("full_payload_json", ""), parse_float=Decimal)
        changes = _changes(quote, body)
    except (ValueError, Fault) as error:
        failed: Row = {"Status": "Error", "Message": str(error), "ErrorNumber": "8114"}
        return [("Table", failed | {"ErrorProcedure": "spProcessTritonPayload_WS"})]
    store.save(quote | changes)
    _link(store, "of_opportunity", str(body.get("opportunity_id") or ""), quote)
    _link(store, "of_policy", str(body.get("policy_number") or ""), quote)
    retail = body.get("market_segment_code") == "RT"
    row: Row = {
        "Status": "Success",
        "Message": "Payload processed successfully",
        "QuoteGuid": quote["guid"],
        "QuoteOptionGuid": values.get("quoteoptionguid"),
        "TransactionId": str(body.get("transaction_id") or ""),
        "TransactionType": str(body.get("transaction_type") or ""),
        "AutoFeeStatus": "Applied" if retail else "Skipped - WL market segment (wholesale)",
        "PolicyFeeStatus": f"Applied Successfully - ${books.money(body.get('policy_fee')):.2f}",
    }
    return [("Table", row)]


def _changes(quote: Record, body: Record) -> Record:
    kept: Record = {"transaction": body.get("transaction_id")}
    if body.get("net_premium") is not None:
        kept["net_premium"] = str(books.money(body["net_premium"]))
    # The procedure compares the raw word: another spelling skips premium and policy number.
    if body.get("transaction_type") != "bind":
        return kept
    if quote["bound"]:
        raise Fault(books.PREMIUM_ON_BOUND, SQL)
    kept |= {"premium": str(books.money(body.get("gross_premium")))}
    kept |= {"fee": str(books.money(body.get("policy_fee")))}
    return kept | {"policy": body.get("policy_number") or quote["policy"]}


def _refuse(message: str, **columns: str | None) -> Tables:
    return [("Table", {"Result": "0", "Message": message} | columns)]


def _made(
    knobs: Knobs, store: Store, last: Record, quote: Record, message: str, row: Row
) -> Tables:
    result: Row = {
        "Result": "1",
        "Message": message,
        "NewQuoteGuid": quote["guid"],
        "NewQuoteOptionGuid": _option(store, quote),
        "OriginalQuoteGuid": last["guid"],
        "ControlNo": str(quote["control"]),
        "PolicyNumber": quote["policy"],
    }
    inner: Row = {"Result": "Success", "NewQuoteGuid": quote["guid"]}
    tables: list[Row] = [inner, result | row]
    if knobs.debug_tables:
        tables = [{"QuoteGuid": last["guid"]}, {"QuoteGUID": last["guid"]}, *tables]
    return [(f"Table{place or ''}", table) for place, table in enumerate(tables)]


def _midnight(text: str) -> str:
    return datetime.combine(books.day(text), time()).astimezone().isoformat()


def _inside(quote: Record, text: str) -> bool:
    return books.day(quote["effective"]) <= books.day(text) <= books.day(quote["expiration"])


def endorse(store: Store, knobs: Knobs, values: Values) -> Tables:
    last, number = _latest(store, values.get("opportunityid", "")), values.get("midtermendtid", "")
    if last is None:
        return _refuse("No quote found for the provided OpportunityID")
    if number and store.all("endorsement", number):
        return _refuse("Midterm Endorsement Already Processed", MidtermEndtID=number)
    if last["status"] not in (books.BOUND, books.CANCELLED):
        return _refuse("The latest quote must be bound or cancelled")
    effective = values.get("endorsementeffectivedate", "")
    if not _inside(last, effective):
        return _refuse("Endorsement effective date must be within the policy period")
    change = books.money(values.get("endorsementpremium"))
    existing, _ = books.premium_total(store, last["control"])
    quote = books.follow(
        store,
        last,
        "E",
        books.day(effective).isoformat(),
        change,
        values.get("endorsementcomment", ""),
    )
    if number:
        store.add("endorsement", {"quote": quote["guid"]}, number)
    amounts: Row = {"ExistingPremium": str(existing), "EndorsementPremium": str(change)}
    amounts["TotalPremium"] = str(existing + change)
    return _made(knobs, store, last, quote, "Endorsement created successfully", amounts)


def cancel(store: Store, knobs: Knobs, values: Values) -> Tables:
    last = _latest(store, values.get("opportunityid", ""))
    if last is None:
        return _refuse("No quote found for the provided OpportunityID")
    if last["kind"] == "C":
        guid, policy = str(last["guid"]), str(last["policy"])
        return _refuse("Policy is already cancelled", LatestQuoteGuid=guid, PolicyNumber=policy)
    if not last["bound"]:
        return _refuse("The policy is not bound, so it cannot be cancelled.")
    when = values.get("cancellationdate", "")
    if books.day(when) < books.day(last["effective"]):
        return _refuse("Cancellation date must not be before the effective date")
    back = abs(books.money(values.get("returnpremium")))
    quote = books.follow(
        store,
        last,
        "C",
        books.day(when).isoformat(),
        -back,
        values.get("cancellationreason", ""),
    )
    if books.day(when) == books.day(last["effective"]):
        # Cancelled flat: the policy never was, and its fee goes back too.
        store.save(quote | {"fee": str(-books.money(values.get("policyfee")))})
    row: Row = {"ReturnPremium": str(back), "CancellationDate": _midnight(when)}
    return _made(knobs, store, last, quote, "Cancellation created successfully", row)


def reinstate(store: Store, knobs: Knobs, values: Values) -> Tables:
    last = _latest(store, values.get("opportunityid", ""))
    if last is None:
        return _refuse("No quote found for the provided OpportunityID")
    if last["kind"] != "C":
        return _refuse("The policy is not cancelled, so it cannot be reinstated.")
    premium = abs(books.money(last["premium"]))
    when = str(last["transaction_date"])
    quote = books.follow(store, last, "R", when, premium, values.get("reinstatementcomment", ""))
    store.save(quote | {"fee": str(abs(books.money(last["fee"])))})
    row: Row = {"CancelledQuoteGuid": last["guid"], "ReinstatementPremium": str(premium)}
    row["ReinstatementEffectiveDate"] = _midnight(when)
    return _made(knobs, store, last, quote, "Reinstatement created successfully", row)


def unbind(store: Store, knobs: Knobs, values: Values) -> Tables:
    quote = books.quote_of(store, values.get("quoteguid", "").lower())
    refused = books.unbind(store, quote)
    if refused:
        return _refuse(refused)
    done: Row = {"Result": "1", "Message": "Policy unbound successfully"}
    return [("Table", done | {"QuoteGuid": quote["guid"], "PolicyNumber": quote["policy"]})]


def invoice(store: Store, knobs: Knobs, values: Values) -> Tables:
    asked = {"quoteguid": "QuoteGuid", "policynumber": "PolicyNumber", "invoicenum": "InvoiceNum"}
    asked["opportunityid"] = "OpportunityID"
    key = next((name for name in asked if values.get(name)), "quoteguid")
    value = values.get(key, "")
    if key == "invoicenum":
        found = [i for i in store.all("invoice") if str(i["number"]) == value]
        quote = store.get("quote", found[0]["quote"]) if found else None
    else:
        kind = {"policynumber": "of_policy", "opportunityid": "of_opportunity"}.get(key, "")
        quote = _linked(store, kind, value) if kind else store.get("quote", value.lower())
        found = books.invoices(store, quote) if quote else []
    if quote is None or not found:
        raise Fault(f"No invoice found for the provided {asked[key]}", SQL)
    return _printed(store, quote, found[-1])


def _printed(store: Store, quote: Record, held: Record) -> Tables:
    amounts = [Decimal(held[name]) for name in ("premium", "fee", "commission")]
    premium, fee, commission = amounts
    insured = store.get("insured", quote["insured"]) or {}
    location = store.get("producer_location", quote["location"]) or {}
    line = store.get("line", quote["line"]) or {}
    dates: Row = {"EffectiveDate": _midnight(held["effective"]), "DueDate": _midnight(held["due"])}
    name = str(insured.get("NameOnPolicy"))
    start, end = books.day(quote["effective"]), books.day(quote["expiration"])
    header: Row = {
        "OfficeInvoiceNum": str(held["office_number"]),
        "PolicyNumber": quote["policy"],
        "ControlNo": str(quote["control"]),
        "PolicyType": "New",
        "LineName": line.get("name"),
        "Premium": str(premium),
        "CommissionPct": str(Decimal(quote["commission"]).quantize(Decimal("0.0001"))),
        "CommissionAmount": str(commission),
        "NetPremium": str(premium - commission),
        "NetDue": str(premium - commission + fee),
        "ExpirationDate": _midnight(quote["expiration"]),
        "InvoiceDate": held["date"],
        "PolicyPeriod": f"{start:%m/%d/%Y} - {end:%m/%d/%Y}",
        "NamedInsured": name,
        "InsuredNameAddress": f"{name}\n{insured.get('address')}",
        "InsuredID": str(insured.get("number")),
        "ProducerName": location.get("LocationName"),
        "CompanyName": line.get("company"),
        "QuotingOfficeName": "Stand-in Home Office",
        "QuotingOfficePhone": "(313) 555-0100",
        "AchOrWireTransfer": "Bank Name: Stand-in Bank\nAccount: 000111222",
        "MakeCheckPayableTo": "Stand-in Underwriters",
    }
    item: Row = {
        "InvoiceNum": str(held["number"]),
        "Description": {"N": "Orig Prem", "E": "Endt", "C": "Cancel"}.get(quote["kind"], "Reinst"),
        "Premium": str(premium),
        "Fees": str(fee),
        "Commission": str(commission),
        "GrossPremium": str(premium),
        "AmountDue": str(premium + fee),
        "NetAmountDue": str(premium - commission + fee),
    }
    return [("Table", header | dates), ("Table5", item | dates)]


def supplementary(store: Store, knobs: Knobs, values: Values) -> Tables:
    """IMS's own, not of the bridge: the offices and programs a quote may name."""
    offices: Tables = [
        ("Table", {"OfficeGUID": office["guid"], "OfficeName": office["name"]})
        for office in store.all("office")
    ]
    programs: Tables = [
        ("Table1", {"ProgramID": str(program["id"]), "ProgramName": program["name"]})
        for program in store.all("program")
    ]
    return offices + programs


PROCEDURES: dict[str, Procedure] = {
    "getproducerguid": producer,
    "getuserbyname": user,
    "spstoretritontransaction": store_transaction,
    "spgetquotebyopportunityid": by_opportunity,
    "spgetquotebypolicynumber": by_policy,
    "spgetquotebyexpiringpolicynumber": by_policy,
    "spcheckquoteboundstatus": bound_status,
    "spgetlatestquotebyopportunityid": latest,
    "spgetpolicypremiumtotal": premium_total,
    "spprocesstritonpayload": payload,
    "triton_processflatendorsement": endorse,
    "triton_processflatcancellation": cancel,
    "triton_processflatreinstatement": reinstate,
    "triton_unbindpolicy": unbind,
    "ryan_rptinvoice": invoice,
    "supplementarydata": supplementary,
}
