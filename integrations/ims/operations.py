"""The operations of IMS that Daftar calls, as data: names, order and types of what they take.

The order is the documented one, which .NET's serializer insists on. What may be repeated, and when,
is the last column: it is the saga's rule, the client repeats nothing but a refused token.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

NAMESPACE = "http://tempuri.org/IMSWebServices/"
INVOICE_NAMESPACE = "http://tempuri.org/Invoicing/InvoiceFactory"
DEADLINE = 30.0  # seconds for a whole call
SLOW = 90.0  # binding and printing, which were seen to take their time


class Repeat(StrEnum):
    """When a call whose outcome is unknown may be made again."""

    FREE = "free"
    AFTER_LOOK_UP = "after_look_up"  # only when a look-up says that it did not happen
    NEVER = "never"  # a person decides: there is nothing to look it up by


class Service(StrEnum):
    LOGON = "Logon"
    INSURED = "InsuredFunctions"
    PRODUCER = "ProducerFunctions"
    QUOTE = "QuoteFunctions"
    DATA = "DataAccess"
    INVOICE = "InvoiceFactory"

    @property
    def namespace(self) -> str:
        return INVOICE_NAMESPACE if self is Service.INVOICE else NAMESPACE + self.value

    @property
    def path(self) -> str:
        return f"{self.value.lower()}.asmx"


@dataclass(frozen=True, slots=True)
class Field:
    """An element: `type` is string, guid, int, decimal, date, dateTime, boolean, or struct with
    its own `fields`, or list whose elements are described by `fields[0]`."""

    name: str
    type: str
    fields: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    service: Service
    fields: tuple[Field, ...]
    repeat: Repeat
    token: bool = True
    deadline: float = DEADLINE

    @property
    def soap_action(self) -> str:
        return f"{self.service.namespace}/{self.name}"


def _fields(text: str, **inner: tuple[Field, ...]) -> tuple[Field, ...]:
    """Fields from "name:type name:type"; `inner` holds what is inside a struct or list."""
    pairs = (word.split(":") for word in text.split())
    return tuple(Field(name, type_, inner.get(name, ())) for name, type_ in pairs)


_INSURED = _fields(
    "BusinessTypeID:int Salutation:string FirstName:string MiddleName:string LastName:string"
    " CorporationName:string NameOnPolicy:string DBA:string FEIN:string SSN:string"
    " DateOfBirth:dateTime RiskId:string Office:guid"
)
_LOCATION = _fields(
    "InsuredGuid:guid InsuredLocationGuid:guid LocationName:string Address1:string Address2:string"
    " City:string County:string State:string Zip:string ZipPlus:string ISOCountryCode:string"
    " Region:string Phone:string Fax:string Email:string Website:string DeliveryMethodID:int"
    " LocationTypeID:int MobileNumber:string OptOut:boolean"
)
_SUBMISSION = _fields(
    "Insured:guid ProducerContact:guid Underwriter:guid SubmissionDate:date ProducerLocation:guid"
    " TACSR:guid InHouseProducer:guid"
)
_DETAIL = _fields(
    "CompanyCommission:decimal ProducerCommission:decimal TermsOfPayment:int ProgramCode:string"
    " CompanyContactGuid:guid RaterID:int FactorSetGuid:guid ProgramID:int LineGUID:guid"
    " CompanyLocationGUID:guid"
)
_RISK = _fields(
    "PolicyName:string CorporationName:string DBA:string Salutation:string FirstName:string"
    " MiddleName:string LastName:string SSN:string FEIN:string Address1:string Address2:string"
    " City:string State:string ISOCountryCode:string Region:string ZipCode:string ZipPlus:string"
    " Phone:string Fax:string Mobile:string BusinessType:int"
)
_STRINGS = _fields("string:string")
_QUOTE = _fields(
    "Submission:guid QuotingLocation:guid IssuingLocation:guid CompanyLocation:guid Line:guid"
    " StateID:string ProducerContact:guid QuoteStatusID:int Effective:date Expiration:date"
    " BillingTypeID:int FinanceCompany:guid NetRateQuoteID:int QuoteDetail:struct"
    " ExpiringQuoteGuid:guid Underwriter:guid ExpiringPolicyNumber:string"
    " ExpiringCompanyLocationGuid:guid PolicyTypeID:int RenewalOfQuoteGuid:guid"
    " InsuredBusinessTypeID:int AccountNumber:string AdditionalInformation:list OnlineRaterID:int"
    " CostCenterID:int ProgramCode:string RiskInformation:struct ProgramID:int",
    QuoteDetail=_DETAIL,
    AdditionalInformation=_STRINGS,
    RiskInformation=_RISK,
)
_CRITERIA = (
    Field("SearchCriteria", "struct", _fields("Field:string Comparison:string Value:string")),
)
_CALL = _fields("procedureName:string parameters:list", parameters=_STRINGS)
_PRINT = _fields("invoiceNumber:int args:list", args=_fields("anyType:string"))

_FREE, _LOOK, _NEVER = Repeat.FREE, Repeat.AFTER_LOOK_UP, Repeat.NEVER
_ROWS: tuple[tuple[Service, str, tuple[Field, ...], Repeat], ...] = (
    (Service.INSURED, "FindInsuredByName", _fields(
        "insuredName:string city:string state:string zip:string zipPlus:string"), _FREE),
    (Service.INSURED, "FindInsuredByTaxIDOffice", _fields("TaxID:string OfficeGUID:guid"), _FREE),
    (Service.INSURED, "GetInsured", _fields("insuredGuid:guid"), _FREE),
    (Service.INSURED, "HasSubmissions", _fields("insuredguid:guid"), _FREE),
    (Service.INSURED, "GetInsuredPolicyInfo", _fields("insuredGuid:guid"), _FREE),
    (Service.INSURED, "AddInsuredWithLocation", _fields(
        "insured:struct location:struct", insured=_INSURED, location=_LOCATION), _LOOK),
    (Service.PRODUCER, "ProducerSearch", _fields("searchString:string startWith:boolean"), _FREE),
    (Service.PRODUCER, "ProducerClearance", _fields(
        "entityType:string criteria:list", criteria=_CRITERIA), _FREE),
    (Service.PRODUCER, "GetProducerUnderwriter", _fields(
        "ProducerEntity:guid LineGuid:guid"), _FREE),
    (Service.PRODUCER, "GetProducerInfoByContact", _fields("producerContactGuid:guid"), _FREE),
    (Service.QUOTE, "AddSubmission", _fields("submission:struct", submission=_SUBMISSION), _LOOK),
    (Service.QUOTE, "AddQuote", _fields("quote:struct", quote=_QUOTE), _LOOK),
    (Service.QUOTE, "AddQuoteWithAutocalculateDetailsQuote", _fields(
        "quote:struct", quote=_QUOTE), _LOOK),
    (Service.QUOTE, "AddQuoteWithSubmission", _fields(
        "submission:struct quote:struct", submission=_SUBMISSION, quote=_QUOTE), _LOOK),
    (Service.QUOTE, "AutoAddQuoteOptions", _fields("quoteGuid:guid"), _FREE),
    (Service.QUOTE, "AddQuoteOption", _fields("quoteGuid:guid lineGuid:guid"), _LOOK),
    (Service.QUOTE, "AddPremium", _fields(
        "quoteOptionGuid:guid premium:decimal officeID:int chargeCode:int"), _LOOK),
    (Service.QUOTE, "UpdateExternalQuoteId", _fields(
        "quoteGuid:guid externalQuoteId:string externalSystemId:string"), _FREE),
    (Service.QUOTE, "BindQuote", _fields("quoteGuid:guid"), _LOOK),
    (Service.QUOTE, "BindQuoteWithInstallment", _fields(
        "quoteGuid:guid companyInstallmentID:int"), _LOOK),
    (Service.QUOTE, "Bind", _fields("quoteOptionID:int"), _LOOK),
    (Service.QUOTE, "IssuePolicy", _fields("quoteGuid:guid"), _FREE),
    (Service.QUOTE, "GetControlNumber", _fields("quoteGuid:guid"), _FREE),
    (Service.QUOTE, "ValidateControlNumber", _fields("controlNumber:int"), _FREE),
    (Service.QUOTE, "GetPolicyInformation", _fields("quoteGuid:guid"), _FREE),
    (Service.QUOTE, "GetAvailableInstallmentOptions", _fields("quoteGuid:guid"), _FREE),
    (Service.QUOTE, "ProRata", _fields(
        "effective:dateTime expiration:dateTime endorsementDate:dateTime"), _FREE),
    (Service.QUOTE, "UpdateQuoteStatusWithReason", _fields(
        "quoteGuid:guid statusID:int reasonID:int"), _FREE),
    (Service.DATA, "ExecuteDataSet", _CALL, _LOOK),
    (Service.DATA, "ExecuteCommand", _CALL, _LOOK),
    (Service.INVOICE, "GenerateInvoiceAsPDF", _PRINT, _FREE),
    (Service.INVOICE, "GenerateInvoice", _PRINT, _FREE),
    (Service.INVOICE, "AddPolicyPayment", _fields(
        "InvoiceNum:int PaymentAmount:decimal CheckNumber:string Comments:string"), _NEVER),
)  # fmt: skip
_SLOW = {"BindQuote", "BindQuoteWithInstallment", "Bind", "GenerateInvoiceAsPDF", "GenerateInvoice"}
_TOKENLESS = (
    Operation(
        "LoginIMSUser",
        Service.LOGON,
        _fields("userName:string tripleDESEncryptedPassword:string"),
        _FREE,
        token=False,
    ),
    # The vendor's page shows no header for this one.
    Operation(
        "GetSubmissionGroupGuidFromQuoteGuid",
        Service.QUOTE,
        _fields("quoteGuid:guid"),
        _FREE,
        token=False,
    ),
)
OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {operation.name: operation for operation in _TOKENLESS}
    | {
        name: Operation(name, service, fields, repeat, deadline=SLOW if name in _SLOW else DEADLINE)
        for service, name, fields, repeat in _ROWS
    }
)
