"""What is handed to IMS and what comes back, in Daftar's words; each knows its IMS names.

Numbers with a default are IMS's own (ims_demo and the published run agree on them); every GUID that
is not known goes out as the zero GUID or not at all, since IMS fails on an empty element.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from integrations.ims.rows import ZERO_GUID

BUSINESS_LLC = 9
DELIVERY_MAIL = 1
LOCATION_PRIMARY = 1
STATUS_SUBMITTED = 1
BILLING_AGENCY = 3
POLICY_NEW, POLICY_RENEWAL = 1, 2


@dataclass(frozen=True, slots=True)
class Insured:
    """A firm as the insured; `name` is at most 100 characters (CorporationName's limit)."""

    name: str
    business_type_id: int = BUSINESS_LLC
    dba: str | None = None
    office: UUID = ZERO_GUID

    def as_values(self) -> dict[str, Any]:
        return {
            "BusinessTypeID": self.business_type_id,
            "CorporationName": self.name,
            "NameOnPolicy": self.name,
            "DBA": self.dba,
            "Office": self.office,
        }


@dataclass(frozen=True, slots=True)
class Location:
    """Where the insured is: `state` two letters, `zip_code` five digits."""

    name: str
    address_1: str
    city: str
    state: str
    zip_code: str
    address_2: str | None = None
    zip_plus: str | None = None
    country: str = "USA"
    phone: str | None = None
    email: str | None = None
    delivery_method_id: int = DELIVERY_MAIL
    location_type_id: int = LOCATION_PRIMARY

    def as_values(self) -> dict[str, Any]:
        return {
            "InsuredGuid": ZERO_GUID,
            "InsuredLocationGuid": ZERO_GUID,
            "LocationName": self.name,
            "Address1": self.address_1,
            "Address2": self.address_2,
            "City": self.city,
            "State": self.state,
            "Zip": self.zip_code,
            "ZipPlus": self.zip_plus,
            "ISOCountryCode": self.country,
            "Phone": self.phone,
            "Email": self.email,
            "DeliveryMethodID": self.delivery_method_id,
            "LocationTypeID": self.location_type_id,
            "OptOut": False,
        }


@dataclass(frozen=True, slots=True)
class Submission:
    insured: UUID
    producer_contact: UUID
    producer_location: UUID
    underwriter: UUID
    date: dt.date

    def as_values(self) -> dict[str, Any]:
        return {
            "Insured": self.insured,
            "ProducerContact": self.producer_contact,
            "Underwriter": self.underwriter,
            "SubmissionDate": self.date,
            "ProducerLocation": self.producer_location,
            "TACSR": ZERO_GUID,
            "InHouseProducer": ZERO_GUID,
        }


@dataclass(frozen=True, slots=True)
class QuoteDetail:
    """The commercial part of a quote; commissions are fractions (0.20), company's the greater."""

    company_commission: Decimal
    producer_commission: Decimal
    terms_of_payment: int = 30
    program_code: str | None = None
    program_id: int | None = None
    rater_id: int = 0  # 1 breaks a foreign key

    def as_values(self, quote: "Quote") -> dict[str, Any]:
        return {
            "CompanyCommission": self.company_commission,
            "ProducerCommission": self.producer_commission,
            "TermsOfPayment": self.terms_of_payment,
            "ProgramCode": self.program_code,
            "CompanyContactGuid": ZERO_GUID,
            "RaterID": self.rater_id,
            "FactorSetGuid": ZERO_GUID,
            "ProgramID": self.program_id,
            "LineGUID": quote.line,
            "CompanyLocationGUID": quote.company_location,
        }


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote to be made. `tags` are kept with it (AdditionalInformation): what finds it again.

    `submission` belongs to a quote that is added alone, `detail` to one whose details IMS does not
    calculate; `renewal_of` and the `expiring_…` to a renewal.
    """

    quoting_location: UUID
    issuing_location: UUID
    company_location: UUID
    line: UUID
    state: str
    producer_contact: UUID
    underwriter: UUID
    effective: dt.date
    expiration: dt.date
    tags: tuple[str, ...] = ()
    submission: UUID | None = None
    detail: QuoteDetail | None = None
    policy_type_id: int = POLICY_NEW
    renewal_of: UUID = ZERO_GUID
    expiring_quote: UUID = ZERO_GUID
    expiring_policy_number: str | None = None
    expiring_company_location: UUID = ZERO_GUID
    billing_type_id: int = BILLING_AGENCY
    business_type_id: int = BUSINESS_LLC
    cost_center_id: int = 0
    program_code: str | None = None
    program_id: int | None = None

    def as_values(self) -> dict[str, Any]:
        return {
            "Submission": self.submission,
            "QuotingLocation": self.quoting_location,
            "IssuingLocation": self.issuing_location,
            "CompanyLocation": self.company_location,
            "Line": self.line,
            "StateID": self.state,
            "ProducerContact": self.producer_contact,
            "QuoteStatusID": STATUS_SUBMITTED,
            "Effective": self.effective,
            "Expiration": self.expiration,
            "BillingTypeID": self.billing_type_id,
            "FinanceCompany": ZERO_GUID,
            "NetRateQuoteID": -1,
            "QuoteDetail": self.detail and self.detail.as_values(self),
            "ExpiringQuoteGuid": self.expiring_quote,
            "Underwriter": self.underwriter,
            "ExpiringPolicyNumber": self.expiring_policy_number,
            "ExpiringCompanyLocationGuid": self.expiring_company_location,
            "PolicyTypeID": self.policy_type_id,
            "RenewalOfQuoteGuid": self.renewal_of,
            "InsuredBusinessTypeID": self.business_type_id,
            "AdditionalInformation": self.tags or None,
            "OnlineRaterID": 0,
            "CostCenterID": self.cost_center_id,
            "ProgramCode": self.program_code,
            "ProgramID": self.program_id,
        }


@dataclass(frozen=True, slots=True)
class QuoteOption:
    option: UUID
    line: UUID | None
    line_name: str
    company_location: str
