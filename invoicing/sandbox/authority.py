"""The authority behind the socket: a call is numbered, met by its fault, judged, and noted."""

import hashlib
import threading
import traceback
from collections import Counter
from dataclasses import dataclass

from invoicing.sandbox import answers
from invoicing.sandbox.answers import Answer, Refused
from invoicing.sandbox.books import Books
from invoicing.sandbox.calls import (
    COMPLIANCE_CHECK,
    COMPLIANCE_CSID,
    LISTING,
    PRODUCTION_CSID,
    Request,
)
from invoicing.sandbox.certificates import CertificateAuthority
from invoicing.sandbox.conduct import NO_CHANCE, Chance, Conduct
from invoicing.sandbox.documents import Document
from invoicing.sandbox.examination import read_submission
from invoicing.sandbox.faults import Moment
from invoicing.sandbox.intake import Intake
from invoicing.sandbox.listing import Listing
from invoicing.sandbox.onboarding import Onboarding
from invoicing.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Delivery:
    """One numbered arrival of a call, and the fault it is going to meet."""

    id: int
    request: Request
    chance: Chance
    overlap_key: tuple[str, ...]


class Authority:
    """What is decided here is in the store before `answer` returns."""

    def __init__(self, store: Store, conduct: Conduct, certificates: CertificateAuthority) -> None:
        self.books = Books(store)
        self._conduct = conduct
        self._intake = Intake(store, self.books, conduct, certificates)
        self._onboarding = Onboarding(store, conduct, certificates)
        self._calls = {
            ("POST", COMPLIANCE_CSID): self._onboarding.issue_compliance_csid,
            ("POST", PRODUCTION_CSID): self._onboarding.issue_production_csid,
            ("PATCH", PRODUCTION_CSID): self._onboarding.renew_production_csid,
            ("GET", LISTING): Listing(store, conduct).answer,
        }
        self._under_way: Counter[tuple[str, ...]] = Counter()
        self._lock = threading.Lock()

    def admit(self, request: Request) -> Delivery:
        """Number an arriving call and choose its fault.

        A submission is counted by its invoice number, any other call by its path; `overlap` says
        how many of the same were under way when it came.
        """
        document = _document(request)
        target = document.number if document and request.is_submission else request.call
        key = (request.environment, document.seller_vat_number if document else "", target)
        with self._lock:
            overlap = self._under_way[key]
            self._under_way[key] += 1
        delivery_id, nth = self.books.open_delivery(
            at=self._conduct.now(),
            environment=request.environment,
            call=request.call,
            target=target,
            document=document,
            sha256=hashlib.sha256(document.xml if document else request.body).hexdigest(),
            overlap=overlap,
        )
        chance = self._conduct.chance(target, nth, is_submission=request.is_submission)
        return Delivery(delivery_id, request, chance or NO_CHANCE, key)

    def answer(self, delivery: Delivery) -> Answer:
        """The answer for the wire, already changed by the fault; noted before it is returned."""
        fault, args = delivery.chance.fault, delivery.chance.args
        judged = None
        if fault.moment is not Moment.BEFORE:
            judged = self._judge(delivery)
        answer = fault.answer(judged or Answer(200), args)
        self.books.close_delivery(
            delivery.id,
            fault=fault.name,
            judged=judged.status if judged else None,
            answered=answer.status if fault.speaks else None,
        )
        return answer

    def dismiss(self, delivery: Delivery) -> None:
        """The connection is done with this call, in whatever way."""
        with self._lock:
            self._under_way[delivery.overlap_key] -= 1

    def _judge(self, delivery: Delivery) -> Answer:
        request, chance = delivery.request, delivery.chance
        arranged = chance.fault.finding(chance.args) if chance.fault.finding else None
        try:
            request.check_version()
            if request.is_submission:
                return self._intake.submit(request, arranged=arranged)
            if (request.method, request.call) == ("POST", COMPLIANCE_CHECK):
                return self._onboarding.check_compliance(request, arranged=arranged)
            call = self._calls.get((request.method, request.call))
            return call(request) if call else answers.not_found(request.call)
        except Refused as refusal:
            return refusal.answer
        except Exception:
            # A bug of ours: shown here, and never to be taken for a verdict or an arranged fault.
            traceback.print_exc()
            return answers.internal_error()


def _document(request: Request) -> Document | None:
    try:
        return read_submission(request).document
    except Refused:
        return None
