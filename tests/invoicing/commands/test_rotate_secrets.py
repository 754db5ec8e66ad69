"""rotate_secrets: afterwards nothing needs the old key of the ring."""

import pytest
from django.core.management import CommandError, call_command

from config.crypto import UnknownKey
from invoicing.models import Chain
from tests.invoicing.conftest import make_unit

OLD, NEW = "old:" + "o" * 32, "new:" + "n" * 32


@pytest.fixture
def chain(settings, najd, csid) -> Chain:
    """The active chain of a unit whose secrets were sealed under the old key."""
    settings.KEY_RING = OLD
    return make_unit(najd, csid).active_chain()


def test_the_old_key_can_go_afterwards(settings, chain, capsys):
    key, secret = chain.private_key(), chain.secret()
    settings.KEY_RING = f"{NEW},{OLD}"

    call_command("rotate_secrets")

    settings.KEY_RING = NEW
    chain = Chain.objects.get(pk=chain.pk)
    assert (chain.private_key(), chain.secret()) == (key, secret)
    assert capsys.readouterr().out == "2 secrets sealed anew.\n"


def test_a_second_run_changes_nothing(settings, chain, capsys):
    settings.KEY_RING = f"{NEW},{OLD}"
    call_command("rotate_secrets")
    before = bytes(Chain.objects.get().private_key_sealed)

    call_command("rotate_secrets")

    assert bytes(Chain.objects.get().private_key_sealed) == before
    assert capsys.readouterr().out.endswith("0 secrets sealed anew.\n")


def test_a_ring_without_the_old_key_is_refused_and_nothing_changes(settings, chain):
    before = bytes(Chain.objects.get().private_key_sealed)
    settings.KEY_RING = NEW

    with pytest.raises(CommandError, match="No key 'old'") as refusal:
        call_command("rotate_secrets")

    assert isinstance(refusal.value.__cause__, UnknownKey)
    assert bytes(Chain.objects.get().private_key_sealed) == before
