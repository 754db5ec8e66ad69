"""One chain per CSID, however often it is given; and what a retired one still sends."""

import pytest

from config.attention.models import Attention
from invoicing.models import Chain, EGSUnit, Invoice, Revision
from invoicing.services import sending
from invoicing.services.onboarding import adopt_csid, onboard_unit, register_unit
from tests.invoicing.conftest import UNIT
from tests.invoicing.payloads import simplified
from tests.invoicing.traces import URL, sent

EARLY = {"Prefer": "respond-async"}


@pytest.fixture
def adopt(unit, csid):
    """Gives the unit the CSID that it started with."""
    known = csid(unit.vat_number)
    return lambda: adopt_csid(
        unit, certificate=known.token, private_key=known.key, secret=known.secret, by="tests"
    )


def places() -> list[tuple[str, int, int]]:
    """(invoice number, chain, ICV) of each document, in the order of sealing."""
    rows = Revision.objects.order_by("sealed_at")
    return list(rows.values_list("invoice__invoice_number", "chain_id", "icv"))


def test_the_same_csid_goes_on_with_its_chain(api, unit, adopt, zatca):
    api.post(URL, simplified("S-1"))
    chain = unit.active_chain()

    assert adopt() == chain
    api.post(URL, simplified("S-2"))

    assert Chain.objects.count() == 1
    assert places() == [("S-1", chain.pk, 1), ("S-2", chain.pk, 2)]
    first, second = Revision.objects.order_by("icv")
    assert second.pih == first.hash
    seen = zatca.control.chain(zatca.control.documents("S-1")[0]["csid"])
    assert (seen["length"], seen["missing"], seen["repeated"], seen["broken"]) == (2, [], [], [])


def test_a_csid_that_comes_back_goes_on_where_it_was(api, unit, adopt, zatca):
    api.post(URL, simplified("S-1"))
    old = unit.active_chain()
    new = onboard_unit(unit, otp="123456", by="tests")
    api.post(URL, simplified("S-2"))

    adopt()
    api.post(URL, simplified("S-3"))

    assert places() == [("S-1", old.pk, 1), ("S-2", new.pk, 1), ("S-3", old.pk, 2)]
    assert {i.status for i in Invoice.objects.all()} == {"CLEARED"}
    states = dict(Chain.objects.values_list("pk", "state"))
    assert states == {old.pk: "ACTIVE", new.pk: "RETIRED"}
    assert unit.active_chain().retired_at is None


def test_a_chain_that_grows_meanwhile_is_not_set_back(api, unit, adopt, monkeypatch):
    api.post(URL, simplified("S-1"))
    full_length = Chain.save

    def save_late(chain, **how):
        monkeypatch.setattr(Chain, "save", full_length)
        Chain.objects.filter(pk=chain.pk).update(last_icv=2, last_hash="grown")
        full_length(chain, **how)

    monkeypatch.setattr(Chain, "save", save_late)
    adopt()

    assert Chain.objects.values_list("last_icv", "last_hash").get() == (2, "grown")


@pytest.fixture
def renewed(najd, zatca, api) -> tuple[Chain, Chain]:
    """S-1 was sealed with a CSID that has been replaced, and revoked, since."""
    unit = register_unit(tenant=najd, name="till-1", **UNIT)
    old = onboard_unit(unit, otp="123456", by="tests")
    api.post(URL, simplified("S-1"), headers=EARLY)
    new = onboard_unit(unit, otp="123456", by="tests")
    revoke(zatca, old)
    return old, new


def revoke(zatca, chain: Chain) -> None:
    zatca.control.revoke(str(int(chain.certificate_serial, 16)))


def test_a_retired_csid_that_is_refused_does_not_pause_the_unit(api, renewed):
    assert sending.send_due() == 1

    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.error_code) == ("FAILED", "credential_rejected")
    assert EGSUnit.objects.get().paused_at is None
    assert not Attention.objects.exists()
    answer = api.post(URL, simplified("S-2")).json()
    assert (answer["status"], answer["revision"]) == ("CLEARED", 1)


def test_the_same_bytes_go_with_the_new_csid(renewed, zatca):
    sending.send_due()

    assert sending.send_due() == 1

    first, second = zatca.control.deliveries("S-1")
    assert first["answered"] == 401
    assert first["sha256"] == second["sha256"]
    assert second["answered"] == 200
    assert len(set(sent(zatca, "S-1"))) == 1
    revision = Revision.objects.get()
    assert (revision.chain, revision.icv) == (renewed[0], 1)


def test_where_the_new_csid_is_refused_too_the_unit_is_paused(renewed, zatca):
    revoke(zatca, renewed[1])
    sending.send_due()

    sending.send_due()

    assert EGSUnit.objects.get().paused_at is not None
    assert Attention.objects.get().kind == "credential_rejected"
    assert [d["answered"] for d in zatca.control.deliveries("S-1")] == [401, 401]
    assert sending.send_due() == 0
