"""The authority's API as one unit speaks it: its credentials, its environment's address.

Nothing here touches the database after the gateway is made, so that its calls can run in a pool of
threads while one thread keeps the one connection.
"""

from dataclasses import dataclass

from django.conf import settings

from config.db.transactions import in_transaction
from invoicing import errors
from invoicing.models import Chain, Channel, EGSUnit, Revision
from invoicing.reconciliation.listing import DocumentList, has_list
from invoicing.zatca.client import Answer, Client, Credentials, CSIDAnswer, SealedDocument


@dataclass(frozen=True, slots=True)
class Parcel:
    """The exact bytes of a sealed revision, as they go out each time."""

    xml: bytes
    invoice_hash: str
    uuid: str

    @classmethod
    def of(cls, revision: Revision) -> "Parcel":
        assert revision.xml is not None
        assert revision.hash is not None
        return cls(bytes(revision.xml), revision.hash, str(revision.uuid))


class Gateway:
    """Sends documents with one CSID; made by `gateway_for`, outside of any transaction."""

    def __init__(self, client: Client, credentials: Credentials | None) -> None:
        self._client = client
        self._credentials = credentials

    def send(self, channel: str, parcel: SealedDocument) -> Answer:
        """Report or clear a document; whatever happens comes back as an Answer."""
        assert self._credentials is not None
        if channel == Channel.REPORTING:
            return self._client.report(self._credentials, parcel)
        return self._client.clear(self._credentials, parcel)

    def compliance_csid(self, csr: str, otp: str) -> CSIDAnswer:
        """Raises OnboardingRefused."""
        return self._client.compliance_csid(csr, otp)

    def check_compliance(self, credentials: Credentials, parcel: SealedDocument) -> Answer:
        return self._client.check_compliance(credentials, parcel)

    def renew_csid(self, csr: str, otp: str) -> CSIDAnswer:
        """Renew the CSID that this gateway speaks with; mind the answer's `disposition`.

        Raises OnboardingRefused.
        """
        assert self._credentials is not None
        return self._client.renew_csid(self._credentials, csr, otp)

    def production_csid(self, credentials: Credentials, request_id: str) -> CSIDAnswer:
        """Raises OnboardingRefused."""
        return self._client.production_csid(credentials, request_id)


def gateway_for(unit: EGSUnit, chain: Chain | None = None) -> Gateway:
    """The authority as `unit` reaches it with the CSID of `chain`; without one, for onboarding.

    The address follows the tenant's environment and nothing else, so that documents of one never
    meet another's authority. Raises NetworkInTransaction where a transaction is open: the network
    is slow, and what it did cannot be rolled back.
    """
    refuse_in_transaction()
    client = Client(
        settings.ZATCA_URLS[unit.tenant.environment],
        deadline=settings.ZATCA_CALL_DEADLINE,
        connect_timeout=settings.ZATCA_CONNECT_TIMEOUT,
    )
    credentials = Credentials(chain.token, chain.secret()) if chain else None
    return Gateway(client, credentials)


def list_for(chain: Chain) -> DocumentList | None:
    """What the authority holds of this CSID's taxpayer, as a list; None where it offers none.

    Only a stand-in does, so that a sandbox on loopback alone is ever asked. Raises
    NetworkInTransaction.
    """
    refuse_in_transaction()
    environment = chain.unit.tenant.environment
    base_url = settings.ZATCA_URLS[environment]
    if not has_list(environment, base_url):
        return None
    return DocumentList(
        base_url,
        Credentials(chain.token, chain.secret()),
        deadline=settings.ZATCA_CALL_DEADLINE,
        connect_timeout=settings.ZATCA_CONNECT_TIMEOUT,
    )


def refuse_in_transaction() -> None:
    """Raise NetworkInTransaction if this thread has a transaction open (a test's own aside)."""
    if in_transaction():
        raise errors.NetworkInTransaction
