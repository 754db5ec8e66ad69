"""The procedures of the Triton bridge in IMS's database, called through ExecuteDataSet.

They are the customer's property, so every name may be another one; what they take and answer is
ims.md 2.2. Reads answer a record or None. Those that change something answer ProcedureAnswer: a
business refusal is an answer (with what it knows in `row`), not an exception.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from integrations.ims.client import IMSClient
from integrations.ims.dataset import DataSet, ProcedureAnswer, read_verdict
from integrations.ims.errors import Refused
from integrations.ims.faults import FaultKind
from integrations.ims.found import (
    PremiumTotal,
    Producer,
    QuoteFound,
    read_premium_total,
    read_producer,
    read_quote,
    read_user,
)
from integrations.ims.invoices import Invoice, read_invoice
from integrations.ims.operations import Repeat
from integrations.ims.results import unreadable
from integrations.ims.rows import Row

T = TypeVar("T")


class Procedure(StrEnum):
    """The procedures by their names in the published installation, without _WS."""

    PRODUCER = "getProducerGuid"
    USER = "getUserbyName"
    STORE = "spStoreTritonTransaction"
    QUOTE_BY_OPPORTUNITY = "spGetQuoteByOpportunityID"
    QUOTE_BY_POLICY = "spGetQuoteByPolicyNumber"
    QUOTE_BY_EXPIRING_POLICY = "spGetQuoteByExpiringPolicyNumber"
    BOUND_STATUS = "spCheckQuoteBoundStatus"
    LATEST_QUOTE = "spGetLatestQuoteByOpportunityID"
    PREMIUM_TOTAL = "spGetPolicyPremiumTotal"
    PROCESS_PAYLOAD = "spProcessTritonPayload"
    ENDORSE = "Triton_ProcessFlatEndorsement"
    CANCEL = "Triton_ProcessFlatCancellation"
    REINSTATE = "Triton_ProcessFlatReinstatement"
    UNBIND = "Triton_UnbindPolicy"
    INVOICE = "ryan_rptInvoice"

    @property
    def repeat(self) -> Repeat:
        return Repeat.AFTER_LOOK_UP if self in _CHANGING else Repeat.FREE


# Storing a transaction twice only warns, so it is not among them.
_CHANGING = {
    Procedure.PROCESS_PAYLOAD,
    Procedure.ENDORSE,
    Procedure.CANCEL,
    Procedure.REINSTATE,
    Procedure.UNBIND,
}


class Procedures:
    """The procedures through `client`; `names` replaces the names that differ here."""

    def __init__(self, client: IMSClient, names: Mapping[Procedure, str] | None = None) -> None:
        self.client = client
        self.names = names or {}

    # --- Reads -----------------------------------------------------------------------------------

    def producer(self, *, email: str = "", name: str = "") -> Producer | None:
        """The producer's contact with this e-mail, else of this name ("First Last")."""
        return self._look_up(
            Procedure.PRODUCER, read_producer, producer_email=email, producer_name=name
        )

    def user(self, full_name: str) -> UUID | None:
        return self._look_up(Procedure.USER, read_user, fullname=full_name)

    def quote_by_opportunity(self, opportunity_id: int) -> QuoteFound | None:
        return self._look_up(
            Procedure.QUOTE_BY_OPPORTUNITY, read_quote, OpportunityID=str(opportunity_id)
        )

    def quote_by_policy_number(self, policy_number: str) -> QuoteFound | None:
        return self._look_up(Procedure.QUOTE_BY_POLICY, read_quote, PolicyNumber=policy_number)

    def quote_by_expiring_policy_number(self, policy_number: str) -> QuoteFound | None:
        """The quote that a renewal renews."""
        name = Procedure.QUOTE_BY_EXPIRING_POLICY
        return self._look_up(name, read_quote, ExpiringPolicyNumber=policy_number)

    def bound_status(self, quote: UUID) -> QuoteFound | None:
        """Whether a quote is bound: the look-up after a bind whose outcome is unknown."""
        return self._look_up(Procedure.BOUND_STATUS, read_quote, QuoteGuid=str(quote))

    def latest_quote(self, opportunity_id: int) -> QuoteFound | None:
        """The last quote in the chain of endorsements, cancellation and reinstatement."""
        return self._look_up(Procedure.LATEST_QUOTE, read_quote, OpportunityID=str(opportunity_id))

    def premium_total(self, control_number: int) -> PremiumTotal | None:
        name = Procedure.PREMIUM_TOTAL
        return self._look_up(name, read_premium_total, ControlNo=str(control_number))

    def invoice(
        self,
        *,
        quote: UUID | None = None,
        invoice_number: int | None = None,
        policy_number: str | None = None,
        opportunity_id: int | None = None,
    ) -> Invoice | None:
        """The invoice of exactly one of these; None while IMS has none.

        Only the quote's is sure to be that transaction's: the others answer the latest.
        """
        keys = {
            "QuoteGuid": quote,
            "InvoiceNum": invoice_number,
            "PolicyNumber": policy_number,
            "OpportunityID": opportunity_id,
        }
        given = {name: str(value) for name, value in keys.items() if value is not None}
        if len(given) != 1:
            raise ValueError("An invoice is looked up by exactly one key.")
        try:
            data = self._execute(Procedure.INVOICE, given)
        except Refused as refused:
            if refused.fault and refused.fault.kind is FaultKind.NOT_YET:
                return None
            raise
        return _reading(Procedure.INVOICE, lambda: read_invoice(data))

    # --- Changes ---------------------------------------------------------------------------------

    def store_transaction(
        self,
        *,
        transaction_id: str,
        payload: str,
        transaction_type: str,
        transaction_date: dt.datetime,
        insured_name: str,
        opportunity_id: int | None,
        policy_number: str | None,
        source_system: str = "triton",
    ) -> ProcedureAnswer:
        """Tell IMS of a transaction; a second time is accepted with a warning."""
        return self._change(
            Procedure.STORE,
            transaction_id=transaction_id,
            full_payload_json=payload,
            opportunity_id=_text(opportunity_id),
            policy_number=policy_number,
            insured_name=insured_name,
            transaction_type=transaction_type,
            transaction_date=transaction_date.isoformat(timespec="milliseconds"),
            source_system=source_system,
        )

    def process_payload(
        self, *, quote: UUID, option: UUID, payload: str, renewal_of: UUID | None = None
    ) -> ProcedureAnswer:
        """Premium, policy number, dates, commissions and fees onto an unbound quote, or nothing."""
        return self._change(
            Procedure.PROCESS_PAYLOAD,
            QuoteGuid=str(quote),
            QuoteOptionGuid=str(option),
            full_payload_json=payload,
            renewal_of_quote_guid=_text(renewal_of),
        )

    def endorse(
        self,
        *,
        opportunity_id: int,
        premium: Decimal,
        effective: dt.date,
        comment: str,
        user: UUID,
        midterm_endt_id: int | None = None,
        producer_email: str | None = None,
        producer_name: str | None = None,
    ) -> ProcedureAnswer:
        """A quote for the signed change of premium, still to be bound (row: NewQuoteGuid, …)."""
        return self._change(
            Procedure.ENDORSE,
            OpportunityID=str(opportunity_id),
            EndorsementPremium=f"{premium:f}",
            EndorsementEffectiveDate=_us(effective),
            EndorsementComment=comment,
            UserGuid=str(user),
            MidtermEndtID=_text(midterm_endt_id),
            ProducerEmail=producer_email,
            ProducerName=producer_name,
        )

    def cancel(
        self,
        *,
        opportunity_id: int,
        date: dt.date,
        return_premium: Decimal,
        reason: str,
        user: UUID,
        policy_effective: dt.date | None = None,
        market_segment_code: str | None = None,
        policy_fee: Decimal | None = None,
    ) -> ProcedureAnswer:
        """A quote for the positive amount to return, still to be bound."""
        return self._change(
            Procedure.CANCEL,
            OpportunityID=str(opportunity_id),
            CancellationDate=_us(date),
            ReturnPremium=f"{return_premium:f}",
            CancellationReason=reason,
            UserGuid=str(user),
            PolicyEffectiveDate=None if policy_effective is None else _us(policy_effective),
            MarketSegmentCode=market_segment_code,
            PolicyFee=None if policy_fee is None else f"{policy_fee:f}",
        )

    def reinstate(self, *, opportunity_id: int, comment: str, user: UUID) -> ProcedureAnswer:
        """A quote that takes the cancellation back, still to be bound."""
        return self._change(
            Procedure.REINSTATE,
            OpportunityID=str(opportunity_id),
            ReinstatementComment=comment,
            UserGuid=str(user),
        )

    def unbind(self, *, quote: UUID, user: UUID, keep_numbers: bool = True) -> ProcedureAnswer:
        """Take a bind back; the invoices are voided. Not bound: not accepted, already_unbound."""
        keep = "1" if keep_numbers else "0"
        return self._change(
            Procedure.UNBIND,
            QuoteGuid=str(quote),
            UserGuid=str(user),
            KeepPolicyNumbers=keep,
            KeepAffidavitNumbers=keep,
        )

    # --- How -------------------------------------------------------------------------------------

    def _execute(self, procedure: Procedure, parameters: Mapping[str, str | None]) -> DataSet:
        given = {name: value for name, value in parameters.items() if value is not None}
        return self.client.execute_data_set(self.names.get(procedure, procedure.value), given)

    def _look_up(
        self, procedure: Procedure, read: Callable[[Row], T | None], **parameters: str
    ) -> T | None:
        row = self._execute(procedure, parameters).first
        return None if row is None else _reading(procedure, lambda: read(row))

    def _change(self, procedure: Procedure, **parameters: str | None) -> ProcedureAnswer:
        return read_verdict(self._execute(procedure, parameters))


def _reading(procedure: Procedure, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        raise unreadable(procedure.value, str(error)) from None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _us(date: dt.date) -> str:
    """As the procedures read dates (SQL Server's style 101)."""
    return f"{date:%m/%d/%Y}"
