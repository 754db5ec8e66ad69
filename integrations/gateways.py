"""IMS as one environment reaches it: its address, its user, its names; and the journal of calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError

from config.db.transactions import in_transaction
from config.tenancy.models import Environment as TenantEnvironment
from integrations import errors
from integrations.ims import (
    Call,
    Credentials,
    IMSClient,
    Login,
    Procedure,
    Procedures,
    TokenCache,
    mask_text,
)
from integrations.models import IMSCall, IMSEnvironment, SagaStep, TritonTransaction
from integrations.models.setup import LOOPBACK, validate_base_url

if TYPE_CHECKING:
    from collections.abc import Mapping

log = structlog.get_logger(__name__)


@dataclass
class Gateway:
    """`ims` and `procedures` of one environment; `step` is what calls are written down to."""

    environment: IMSEnvironment
    ims: IMSClient
    procedures: Procedures
    step: SagaStep | None = None

    def mask(self, text: str) -> str:
        """`text` without what is secret about this environment."""
        return mask_text(text, (self.ims.credentials.password, *self.ims.tokens.tokens))

    def login(self) -> Login:
        return self.ims.login()


def gateway_for(
    environment: IMSEnvironment,
    *,
    transaction: TritonTransaction | None = None,
    context: str = "",
    fresh_login: bool = False,
) -> Gateway:
    """IMS as `environment` reaches it; every call is written to the journal, secrets masked.

    Raises NetworkInTransaction where a transaction is open, and SetupMissing for an address that
    is not allowed or a user that is not set.
    """
    refuse_in_transaction()
    _check(environment)
    found = dict(environment.procedure_names.values_list("procedure", "name"))
    names: Mapping[Procedure, str] = {Procedure(word): name for word, name in found.items()}
    client = IMSClient(
        environment.base_url,
        Credentials(environment.user_name, environment.password()),
        context=(context or "Daftar")[:100],
        connect_timeout=settings.IMS_CONNECT_TIMEOUT,
        tokens=TokenCache() if fresh_login else None,
    )
    gateway = Gateway(environment, client, Procedures(client, names))
    client.journal = _journal(gateway, transaction)
    return gateway


def _check(environment: IMSEnvironment) -> None:
    try:
        validate_base_url(environment.base_url)
    except ValidationError as refused:
        raise errors.SetupMissing("ims_address", refused.messages[0]) from None
    on_loopback = any(f"//{host}" in environment.base_url for host in (*LOOPBACK[:2], "[::1]"))
    if on_loopback and environment.tenant.environment != TenantEnvironment.SANDBOX:
        sentence = "A stand-in on loopback is for a sandbox tenant."
        raise errors.SetupMissing("ims_address", sentence)
    if not environment.user_name or environment.password_sealed is None:
        raise errors.SetupMissing("ims_user", "IMS's user and password are not set.")


def _journal(gateway: Gateway, transaction: TritonTransaction | None) -> Callable[[Call], None]:
    def note(call: Call) -> None:
        IMSCall.objects.create(
            tenant_id=gateway.environment.tenant_id,
            environment=gateway.environment,
            transaction=transaction,
            step=gateway.step,
            operation=call.operation,
            procedure=call.procedure[:128],
            context=call.context,
            started_at=call.started_at,
            duration_ms=round(call.elapsed * 1000),
            http_status=call.http_status,
            event=call.event,
            reached=call.reached,
            outcome=call.outcome,
            code=call.code,
            request=call.request,
            response=call.response,
        )
        log.info(
            "ims_call",
            operation=call.procedure or call.operation,
            outcome=str(call.outcome),
            code=call.code,
            ms=round(call.elapsed * 1000),
        )

    return note


def refuse_in_transaction() -> None:
    """Raise NetworkInTransaction if this thread has a transaction open (a test's own aside)."""
    if in_transaction():
        raise errors.NetworkInTransaction
