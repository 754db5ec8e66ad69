"""The documented operations of the services, one function each."""

import base64
from collections.abc import Callable
from decimal import Decimal

from lxml import etree

from integrations.sandbox import books
from integrations.sandbox.knobs import Knobs
from integrations.sandbox.store import Record, Store
from integrations.sandbox.wire import ZERO, Call, Fault, Row, Tree, data_set

Operation = Callable[[Store, Knobs, Call], Tree]
INSURED = ("BusinessTypeID", "Salutation", "FirstName", "MiddleName", "LastName")
INSURED_NAMES = (*INSURED, "CorporationName", "NameOnPolicy", "DBA", "FEIN", "SSN")
BUSINESS_TYPES = ("2", "3", "4", "5", "9", "10", "11", "13")


def _key(name: str, city: str, state: str, zip_code: str) -> str:
    return "|".join(" ".join(part.casefold().split()) for part in (name, city, state, zip_code))


def find_insured(store: Store, knobs: Knobs, call: Call) -> Tree:
    key = _key(*(call.text(name) for name in ("insuredName", "city", "state", "zip")))
    found = store.all("insured", key)
    return str(found[0]["guid"]) if found else ZERO


def find_by_tax_id(store: Store, knobs: Knobs, call: Call) -> Tree:
    wanted = call.text("TaxID")
    held = store.all("insured") if wanted else []
    return next((str(i["guid"]) for i in held if wanted in (i["FEIN"], i["SSN"])), ZERO)


def add_insured(store: Store, knobs: Knobs, call: Call) -> Tree:
    insured: Record = {name: call.text(name) for name in INSURED_NAMES}
    name = insured["CorporationName"] or insured["LastName"]
    if insured["BusinessTypeID"] not in BUSINESS_TYPES:
        raise Fault(
            "The INSERT statement conflicted with the FOREIGN KEY constraint on BusinessTypeID.",
            "System.Data.SqlClient.SqlException",
        )
    if not name or not insured["NameOnPolicy"] or len(call.text("Zip")) != 5:
        raise Fault("The insured needs a name, a name on the policy and a five-digit zip.")
    insured["address"] = ", ".join((call.text("Address1"), call.text("City"), call.text("State")))
    insured["number"] = store.next("insured", 284001)
    key = _key(name, call.text("City"), call.text("State"), call.text("Zip"))
    return str(store.add("insured", insured, key)["guid"])


def _insured(store: Store, call: Call) -> Record:
    insured = store.get(
        "insured", call.guid("insuredGuid") if _has(call) else call.guid("insuredguid")
    )
    if insured is None:
        raise Fault("The insured was not found.")
    return insured


def _has(call: Call) -> bool:
    return call.arguments.find("{*}insuredGuid") is not None


def get_insured(store: Store, knobs: Knobs, call: Call) -> Tree:
    insured = _insured(store, call)
    fields: list[tuple[str, Tree]] = [(n, insured[n]) for n in INSURED_NAMES if insured[n]]
    return [*fields, ("DateOfBirth", "0001-01-01T00:00:00"), ("Office", ZERO)]


def has_submissions(store: Store, knobs: Knobs, call: Call) -> Tree:
    return "true" if store.all("submission", _insured(store, call)["guid"]) else "false"


def insured_policies(store: Store, knobs: Knobs, call: Call) -> Tree:
    policies = etree.Element("Policies")
    for link in store.all("of_insured", _insured(store, call)["guid"]):
        quote = books.quote_of(store, link["quote"])
        policy = etree.SubElement(policies, "Policy")
        etree.SubElement(policy, "QuoteGuid").text = quote["guid"]
        etree.SubElement(policy, "ControlNo").text = str(quote["control"])
        etree.SubElement(policy, "PolicyNumber").text = quote["policy"]
        etree.SubElement(policy, "EffectiveDate").text = f"{quote['effective']}T00:00:00"
        etree.SubElement(policy, "QuoteStatusID").text = str(quote["status"])
        # What the quote was tagged with at its creation: how a caller knows its own again.
        etree.SubElement(policy, "AdditionalInformation").text = "; ".join(quote["tags"])
    return policies


def contact_search(store: Store, knobs: Knobs, call: Call) -> Tree:
    wanted = call.text("Value").casefold()
    field = {"Email": "email", "Name": "name"}.get(call.text("Field"), "email")
    held = store.all("producer_contact")
    return [("guid", str(c["guid"])) for c in held if c[field].casefold() == wanted]


def _location(location: Record) -> list[tuple[str, Tree]]:
    names = ("ProducerName", "ProducerCode", "LocationName", "LocationCode", "Address1", "City")
    fields: list[tuple[str, Tree]] = [("ProducerLocationGuid", location["guid"])]
    fields += [(name, location[name]) for name in (*names, "State")]
    return [*fields, ("ISOCountryCode", "USA"), ("ZipCode", location["Zip"]), ("Status", "Active")]


def producer_search(store: Store, knobs: Knobs, call: Call) -> Tree:
    wanted, start = call.text("searchString").casefold(), call.text("startWith") == "true"
    found: list[tuple[str, Tree]] = []
    for location in store.all("producer_location"):
        name = location["LocationName"].casefold()
        if name.startswith(wanted) if start else wanted in name:
            found.append(("ProducerLocation", _location(location)))
    return found


def producer_by_contact(store: Store, knobs: Knobs, call: Call) -> Tree:
    guid = next((e.text or "" for e in call.arguments if etree.QName(e).localname), "")
    contact = store.get("producer_contact", guid.strip().lower())
    location = store.get("producer_location", contact["location"]) if contact else None
    if location is None:
        raise Fault("The producer contact was not found.")
    return _location(location)


def producer_underwriter(store: Store, knobs: Knobs, call: Call) -> Tree:
    users = store.all("user")
    return str(users[0]["guid"]) if users else ZERO


def add_submission(store: Store, knobs: Knobs, call: Call) -> Tree:
    names = ("Insured", "ProducerContact", "ProducerLocation", "Underwriter")
    submission = {name: call.guid(name) for name in names}
    held = ("insured", "producer_contact", "producer_location", "user")
    for kind, name in zip(held, names, strict=True):
        if store.get(kind, submission[name]) is None:
            raise Fault(
                f"The INSERT statement conflicted with the FOREIGN KEY constraint on {name}.",
                "System.Data.SqlClient.SqlException",
            )
    return str(store.add("submission", submission, submission["Insured"])["guid"])


def add_quote(store: Store, knobs: Knobs, call: Call) -> Tree:
    return _add_quote(store, call, call.guid("Submission"))


def add_quote_with_submission(store: Store, knobs: Knobs, call: Call) -> Tree:
    return _add_quote(store, call, str(add_submission(store, knobs, call)))


def _add_quote(store: Store, call: Call, submission_guid: str) -> str:
    submission = store.get("submission", submission_guid)
    if submission is None or store.get("line", call.guid("Line")) is None:
        raise Fault(
            "The INSERT statement conflicted with the FOREIGN KEY constraint on tblQuotes.",
            "System.Data.SqlClient.SqlException",
        )
    # A typed date in another form never reaches the database: the deserialiser refuses it.
    if "/" in call.text("Effective") + call.text("Expiration"):
        raise Fault("There is an error in XML document.")
    tags = [e.text or "" for e in call.arguments.iterfind(".//{*}AdditionalInformation/{*}string")]
    quote = books.new_quote(
        store,
        {
            "submission": submission_guid,
            "insured": submission["Insured"],
            "contact": submission["ProducerContact"],
            "location": submission["ProducerLocation"],
            "underwriter": submission["Underwriter"],
            "line": call.guid("Line"),
            "state": call.text("StateID"),
            "effective": books.day(call.text("Effective")).isoformat(),
            "expiration": books.day(call.text("Expiration")).isoformat(),
            "commission": str(Decimal(call.text("ProducerCommission") or "0")),
            "tags": tags,
            "created": books.now(),
        },
    )
    store.add("of_insured", {"quote": quote["guid"]}, submission["Insured"])
    return str(quote["guid"])


def submission_of(store: Store, knobs: Knobs, call: Call) -> Tree:
    quote = store.get("quote", call.guid("quoteGuid"))
    return str(quote["submission"]) if quote else ZERO


def external_id(store: Store, knobs: Knobs, call: Call) -> Tree:
    quote = books.quote_of(store, call.guid("quoteGuid"))
    store.save(quote | {"external": call.text("externalQuoteId")})
    return None


def auto_options(store: Store, knobs: Knobs, call: Call) -> Tree:
    quote = books.quote_of(store, call.guid("quoteGuid"))
    return [("QuoteOption", _option(store, option)) for option in books.options(store, quote)]


def _option(store: Store, option: Record) -> Tree:
    line = store.get("line", option["line"]) or {}
    return [
        ("QuoteOptionGuid", option["guid"]),
        ("LineGuid", option["line"]),
        ("LineName", line.get("name", "")),
        ("CompanyLocation", line.get("company", "")),
    ]


def add_option(store: Store, knobs: Knobs, call: Call) -> Tree:
    quote = books.quote_of(store, call.guid("quoteGuid"))
    option = {"quote": quote["guid"], "line": call.guid("lineGuid")}
    return str(store.add("option", option | {"id": store.next("option", 1)}, quote["guid"])["guid"])


def add_premium(store: Store, knobs: Knobs, call: Call) -> Tree:
    option = store.get("option", call.guid("quoteOptionGuid"))
    if option is None:
        raise Fault("No quote found for the provided QuoteOptionGuid.")
    quote = books.quote_of(store, option["quote"])
    if quote["bound"]:
        raise Fault(books.PREMIUM_ON_BOUND, "System.Data.SqlClient.SqlException")
    total = books.money(quote["premium"]) + books.money(call.text("premium"))
    store.save(quote | {"premium": str(total)})
    return None


def bind_quote(store: Store, knobs: Knobs, call: Call) -> Tree:
    return books.bind(store, books.quote_of(store, call.guid("quoteGuid")), knobs.backdate_days)


def bind_option(store: Store, knobs: Knobs, call: Call) -> Tree:
    for option in store.all("option"):
        if str(option["id"]) == call.text("quoteOptionID"):
            return books.bind(store, books.quote_of(store, option["quote"]), knobs.backdate_days)
    raise Fault("Invalid OptionID")


def issue_policy(store: Store, knobs: Knobs, call: Call) -> Tree:
    return books.issue(store, books.quote_of(store, call.guid("quoteGuid")))


def control_number(store: Store, knobs: Knobs, call: Call) -> Tree:
    return str(books.quote_of(store, call.guid("quoteGuid"))["control"])


def validate_control(store: Store, knobs: Knobs, call: Call) -> Tree:
    chain = store.all("quote", call.text("controlNumber"))
    return str(chain[0]["guid"]) if chain else ZERO


def policy_information(store: Store, knobs: Knobs, call: Call) -> Tree:
    quote = books.quote_of(store, call.guid("quoteGuid"))
    row: Row = {
        "PolicyNumber": quote["policy"],
        "QuoteStatusID": str(quote["status"]),
        "Premium": quote["premium"],
        "Comment": quote.get("comment"),
    }
    return data_set(("PolicyInformation", row)).removeprefix("<Results>").removesuffix("</Results>")


def pro_rata(store: Store, knobs: Knobs, call: Call) -> Tree:
    names = ("effective", "expiration", "endorsementDate")
    start, end, change = (books.day(call.text(name)) for name in names)
    if end <= start:
        raise Fault("The expiration date must be after the effective date.")
    return str((Decimal((end - change).days) / (end - start).days).quantize(Decimal("0.0001")))


def update_status(store: Store, knobs: Knobs, call: Call) -> Tree:
    quote = books.quote_of(store, call.guid("quoteGuid"))
    store.save(quote | {"status": int(call.text("statusID") or quote["status"])})
    return "true"


def invoice_pdf(store: Store, knobs: Knobs, call: Call) -> Tree:
    number = call.text("invoiceNumber")
    if not any(str(invoice["number"]) == number for invoice in store.all("invoice")):
        raise Fault("No invoice found for the provided InvoiceNum")
    page = f"%PDF-1.4\n% invoice {number} of the stand-in\n%%EOF\n"
    return base64.b64encode(page.encode()).decode()


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("insuredfunctions", "FindInsuredByName"): find_insured,
    ("insuredfunctions", "FindInsuredByTaxIDOffice"): find_by_tax_id,
    ("insuredfunctions", "AddInsuredWithLocation"): add_insured,
    ("insuredfunctions", "GetInsured"): get_insured,
    ("insuredfunctions", "HasSubmissions"): has_submissions,
    ("insuredfunctions", "GetInsuredPolicyInfo"): insured_policies,
    ("producerfunctions", "ProducerSearch"): producer_search,
    ("producerfunctions", "ProducerClearance"): contact_search,
    ("producerfunctions", "GetProducerInfoByContact"): producer_by_contact,
    ("producerfunctions", "GetProducerUnderwriter"): producer_underwriter,
    ("quotefunctions", "AddSubmission"): add_submission,
    ("quotefunctions", "AddQuote"): add_quote,
    ("quotefunctions", "AddQuoteWithAutocalculateDetailsQuote"): add_quote,
    ("quotefunctions", "AddQuoteWithSubmission"): add_quote_with_submission,
    ("quotefunctions", "GetSubmissionGroupGuidFromQuoteGuid"): submission_of,
    ("quotefunctions", "UpdateExternalQuoteId"): external_id,
    ("quotefunctions", "AutoAddQuoteOptions"): auto_options,
    ("quotefunctions", "AddQuoteOption"): add_option,
    ("quotefunctions", "AddPremium"): add_premium,
    ("quotefunctions", "BindQuote"): bind_quote,
    ("quotefunctions", "BindQuoteWithInstallment"): bind_quote,
    ("quotefunctions", "Bind"): bind_option,
    ("quotefunctions", "BindWithInstallment"): bind_option,
    ("quotefunctions", "IssuePolicy"): issue_policy,
    ("quotefunctions", "GetControlNumber"): control_number,
    ("quotefunctions", "ValidateControlNumber"): validate_control,
    ("quotefunctions", "GetPolicyInformation"): policy_information,
    ("quotefunctions", "ProRata"): pro_rata,
    ("quotefunctions", "UpdateQuoteStatusWithReason"): update_status,
    ("invoicefactory", "GenerateInvoiceAsPDF"): invoice_pdf,
    ("invoicefactory", "GenerateInvoice"): invoice_pdf,
}
