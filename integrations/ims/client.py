"""IMS, by what it does: each method is one operation of its web services.

Every method raises IMSError with an `outcome` (see `errors`); `OPERATIONS[name].repeat` says when a
call whose outcome is unknown may be made again. GUIDs come back as UUID, None for IMS's zero GUID.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from lxml import etree

from config.xml import XMLRefused, parse
from integrations.ims.dataset import DataSet, read_data_set, read_row
from integrations.ims.records import Insured, Location, Quote, QuoteOption, Submission
from integrations.ims.results import Answers, as_it_is, base64, decimal, elements, text_of, whole
from integrations.ims.rows import Row, read_guid, read_instant


class IMSClient(Answers):
    """A client of one IMS environment for one user; see `Caller` for its settings."""

    # --- Insureds and producers ------------------------------------------------------------------

    def find_insured(
        self, name: str, *, city: str = "", state: str = "", zip_code: str = "", zip_plus: str = ""
    ) -> UUID | None:
        """The insured that IMS thinks is meant. It compares loosely: look at it (get_insured)."""
        values = {"insuredName": name, "city": city, "state": state}
        return self._guid("FindInsuredByName", values | {"zip": zip_code, "zipPlus": zip_plus})

    def find_insured_by_tax_id(self, tax_id: str, office: UUID) -> UUID | None:
        return self._guid("FindInsuredByTaxIDOffice", {"TaxID": tax_id, "OfficeGUID": office})

    def get_insured(self, insured: UUID) -> Row:
        """Columns as sent, among them CorporationName, NameOnPolicy and BusinessTypeID."""
        return self._row("GetInsured", {"insuredGuid": insured})

    def has_submissions(self, insured: UUID) -> bool:
        return self._flag("HasSubmissions", {"insuredguid": insured})

    def insured_policies(self, insured: UUID) -> tuple[Row, ...]:
        """The policies and quotes of an insured; the columns differ by installation."""
        result = self._result("GetInsuredPolicyInfo", {"insuredGuid": insured})
        root = next(iter(elements(result)), None) if result is not None else None
        return tuple(map(read_row, elements(root))) if root is not None else ()

    def add_insured_with_location(self, insured: Insured, location: Location) -> UUID:
        values = {"insured": insured.as_values(), "location": location.as_values()}
        return self._new("AddInsuredWithLocation", values)

    def search_producers(self, text: str, *, starts_with: bool = False) -> tuple[Row, ...]:
        """Locations of producers: ProducerLocationGuid, ProducerName, LocationName, Status, …"""
        values = {"searchString": text, "startWith": starts_with}
        return tuple(map(read_row, self._list("ProducerSearch", values)))

    def producer_contacts(self, email: str) -> tuple[UUID, ...]:
        """The producers' contacts with exactly this address."""
        criteria = [{"Field": "Email", "Comparison": "Exact", "Value": email}]
        values = {"entityType": "ProducerContact", "criteria": criteria}
        name = "ProducerClearance"
        found = [self._read(name, text_of, item, read_guid) for item in self._list(name, values)]
        return tuple(guid for guid in found if guid)

    def producer_of_contact(self, contact: UUID) -> Row:
        """The location a contact works at: ProducerLocationGuid, ProducerName, Status, …"""
        return self._row("GetProducerInfoByContact", {"producerContactGuid": contact})

    def producer_underwriter(self, producer: UUID, line: UUID) -> UUID | None:
        return self._guid("GetProducerUnderwriter", {"ProducerEntity": producer, "LineGuid": line})

    # --- Submissions and quotes ------------------------------------------------------------------

    def add_submission(self, submission: Submission) -> UUID:
        return self._new("AddSubmission", {"submission": submission.as_values()})

    def add_quote(self, quote: Quote) -> UUID:
        """A quote with its `detail`, under its `submission`."""
        return self._new("AddQuote", {"quote": quote.as_values()})

    def add_quote_with_calculated_details(self, quote: Quote) -> UUID:
        """A quote under its `submission`, whose details IMS takes from the company line."""
        return self._new("AddQuoteWithAutocalculateDetailsQuote", {"quote": quote.as_values()})

    def add_quote_with_submission(self, submission: Submission, quote: Quote) -> UUID:
        """Both at once; the quote's GUID. The submission's is `submission_of_quote`."""
        values = {"submission": submission.as_values(), "quote": quote.as_values()}
        return self._new("AddQuoteWithSubmission", values)

    def submission_of_quote(self, quote: UUID) -> UUID | None:
        return self._guid("GetSubmissionGroupGuidFromQuoteGuid", {"quoteGuid": quote})

    def auto_add_quote_options(self, quote: UUID) -> tuple[QuoteOption, ...]:
        """All options of a quote, made now where they are missing; never a second time."""
        name = "AutoAddQuoteOptions"
        items = self._list(name, {"quoteGuid": quote})
        return tuple(self._read(name, read_row, item, _quote_option) for item in items)

    def add_quote_option(self, quote: UUID, line: UUID) -> UUID:
        return self._new("AddQuoteOption", {"quoteGuid": quote, "lineGuid": line})

    def add_premium(
        self, option: UUID, premium: Decimal, *, charge_code: int, office_id: int = -1
    ) -> None:
        """Bill `premium` as it is; -1 means the quote's own office."""
        values = {"quoteOptionGuid": option, "premium": premium, "officeID": office_id}
        self.call("AddPremium", values | {"chargeCode": charge_code})

    def update_external_quote_id(self, quote: UUID, external_id: str, system: str) -> None:
        values = {"quoteGuid": quote, "externalQuoteId": external_id, "externalSystemId": system}
        self.call("UpdateExternalQuoteId", values)

    def update_quote_status(self, quote: UUID, status: int, *, reason: int = 0) -> bool:
        values = {"quoteGuid": quote, "statusID": status, "reasonID": reason}
        return self._flag("UpdateQuoteStatusWithReason", values)

    # --- Binding and what follows ----------------------------------------------------------------

    def bind(self, quote: UUID) -> str:
        """The policy number. Makes the invoice too."""
        return self._policy_number("BindQuote", {"quoteGuid": quote})

    def bind_with_installment(self, quote: UUID, *, company_installment_id: int = -1) -> str:
        """As `bind`; -1 is a single payment."""
        values = {"quoteGuid": quote, "companyInstallmentID": company_installment_id}
        return self._policy_number("BindQuoteWithInstallment", values)

    def bind_option(self, option_id: int) -> str:
        """As `bind`, by the integer id of an option."""
        return self._policy_number("Bind", {"quoteOptionID": option_id})

    def issue(self, quote: UUID) -> dt.datetime:
        """When the policy was issued, now or before; with IMS's offset where it sends one."""
        return self._scalar("IssuePolicy", {"quoteGuid": quote}, read_instant)

    def control_number(self, quote: UUID) -> int:
        return self._scalar("GetControlNumber", {"quoteGuid": quote}, whole)

    def quote_of_control_number(self, control_number: int) -> UUID | None:
        return self._guid("ValidateControlNumber", {"controlNumber": control_number})

    def policy_information(self, quote: UUID) -> Row:
        """What IMS tells of a policy; the columns differ by installation."""
        text = self._scalar("GetPolicyInformation", {"quoteGuid": quote}, as_it_is)
        return self._read("GetPolicyInformation", _inner_xml, text, lambda root, _: read_row(root))

    def installment_options(self, quote: UUID) -> tuple[Row, ...]:
        return tuple(
            map(read_row, self._list("GetAvailableInstallmentOptions", {"quoteGuid": quote}))
        )

    def pro_rata(self, effective: dt.date, expiration: dt.date, on: dt.date) -> Decimal:
        """The part of the term that is left on a day, as IMS reckons it."""
        values = {"effective": effective, "expiration": expiration, "endorsementDate": on}
        return self._scalar("ProRata", values, decimal)

    # --- Procedures and papers -------------------------------------------------------------------

    def execute_data_set(self, procedure: str, parameters: Mapping[str, str]) -> DataSet:
        """The data set of a procedure, named without its suffix _WS, which IMS appends."""
        values = {"procedureName": procedure, "parameters": _pairs(parameters)}
        text = self._scalar("ExecuteDataSet", values, as_it_is, empty="")
        return self._read(procedure, read_data_set, text, lambda data, _: data)

    def execute_command(self, procedure: str, parameters: Mapping[str, str]) -> str:
        """The one value that a procedure answers, as text."""
        values = {"procedureName": procedure, "parameters": _pairs(parameters)}
        return self._scalar("ExecuteCommand", values, as_it_is, empty="")

    def invoice_pdf(self, invoice_number: int) -> bytes:
        """The PDF of an invoice, by IMS's integer number (not the office's)."""
        values = {"invoiceNumber": invoice_number, "args": ()}
        return self._scalar("GenerateInvoiceAsPDF", values, base64)

    def add_policy_payment(
        self, invoice_number: int, amount: Decimal, *, check_number: str, comments: str
    ) -> bool:
        """Record a payment. Never repeat it by a program: IMS offers nothing to look it up by."""
        values = {"InvoiceNum": invoice_number, "PaymentAmount": amount}
        values |= {"CheckNumber": check_number, "Comments": comments}
        return self._flag("AddPolicyPayment", values)


def _pairs(parameters: Mapping[str, str]) -> list[str]:
    return [text for pair in parameters.items() for text in pair]


def _inner_xml(text: str) -> etree._Element:
    try:
        return parse(text.encode())
    except XMLRefused as error:
        raise ValueError(f"the text in it is not XML ({error.code}).") from None


def _quote_option(row: Row, name: str) -> QuoteOption:
    option = row.guid("QuoteOptionGuid")
    if option is None:
        raise ValueError(f"{name} answered an option without a GUID.")
    return QuoteOption(
        option, row.guid("LineGuid"), row.text("LineName"), row.text("CompanyLocation")
    )
