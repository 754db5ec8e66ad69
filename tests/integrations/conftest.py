"""A source of transactions, an environment of IMS, and the stand-in behind it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from config.json import parse_object
from config.tenancy.models import Tenant
from integrations.models import IMSEnvironment, Line, Office, Source, TritonTransaction
from integrations.sandbox import SandboxIMS
from integrations.services.receiving import Received, receive
from integrations.services.running import run
from tests.integrations.payloads import transaction


@dataclass(frozen=True, slots=True)
class Desk:
    """A tenant whose source sends transactions, and IMS's side of the story."""

    tenant: Tenant
    source: Source
    environment: IMSEnvironment
    ims: SandboxIMS

    def receive(self, kind: str = "bind", **changes: Any) -> Received:
        return self.take_in(transaction(kind, **changes))

    def take_in(self, body: dict[str, Any], path_word: str = "new") -> Received:
        return receive(
            self.tenant,
            self.source.name,
            parse_object(json.dumps(body).encode()),
            path_word=path_word,
            external_id="",
            actor="triton",
            request_id="r-1",
        )

    def post(self, kind: str = "bind", **changes: Any) -> TritonTransaction:
        """Received, and run as the worker would."""
        return run(self.receive(kind, **changes).transaction)

    def asked(self) -> list[str]:
        """What IMS was asked, logins left out."""
        calls = [call["procedure"] or call["operation"] for call in self.ims.calls()]
        return [name for name in calls if name != "LoginIMSUser"]


@pytest.fixture
def ims() -> Iterator[SandboxIMS]:
    with SandboxIMS() as box:
        yield box


@pytest.fixture
def desk(najd, ims, settings) -> Desk:
    settings.IMS_WORKERS = 1
    return set_up(najd, ims)


def set_up(tenant: Tenant, ims: SandboxIMS) -> Desk:
    """What an installation needs: an environment with its office, its lines, and a source."""
    environment = IMSEnvironment(
        tenant=tenant, name="demo", base_url=ims.url, user_name=ims.user_name
    )
    environment.seal_password(ims.password)
    environment.invoice_wait_seconds = 0
    environment.save()
    guid = "00000000-0000-0000-0000-0000000000a1"
    office = Office.objects.create(
        environment=environment, name="Home", quoting_location=guid, issuing_location=guid
    )
    for name, line_guid in ims.lines().items():
        Line.objects.create(
            environment=environment,
            kind=name.lower(),
            name=name,
            line_guid=line_guid,
            company_location=guid,
            office=office,
            company_commission="0.30",
        )
    source = Source.objects.create(tenant=tenant, name="triton", environment=environment)
    return Desk(tenant, source, environment, ims)
