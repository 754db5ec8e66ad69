from collections.abc import Iterator

import pytest

from invoicing.sandbox import StandIn
from tests.invoicing.sandbox.rawclient import send_raw
from tests.invoicing.sandbox.taxpayer import NOON, Unit


@pytest.fixture(scope="session")
def shared_authority() -> Iterator[StandIn]:
    with StandIn(clock=lambda: NOON, seed=7) as authority:
        yield authority


@pytest.fixture(scope="session")
def onboarded_unit(shared_authority: StandIn) -> Unit:
    unit = Unit(shared_authority.base_url())
    unit.onboard()
    return unit


@pytest.fixture
def authority(shared_authority: StandIn, onboarded_unit: Unit) -> StandIn:
    """A stand-in at noon of 1 June 2026 in Riyadh, with empty books."""
    shared_authority.control.reset()
    return shared_authority


@pytest.fixture
def unit(authority: StandIn, onboarded_unit: Unit) -> Unit:
    """A unit with a production CSID for both kinds of documents."""
    return onboarded_unit


@pytest.fixture
def meet(authority, unit):
    """Send a new document into a fault; returns what was seen and the document."""

    def meeting(fault: str, *, simplified: bool = True, patience: float = 1.0, **args):
        document = unit.document(simplified=simplified)
        authority.control.script(document.number, delivery=1, fault=fault, **args)
        call = "reporting" if simplified else "clearance"
        return send_raw(unit, document, call=call, patience=patience), document

    return meeting


@pytest.fixture
def newcomer(authority: StandIn) -> Unit:
    """A unit without any certificate."""
    return Unit(authority.base_url())
