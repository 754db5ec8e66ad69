"""A certificate's life: renewed in time, alarmed before, revoked when it must be."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.attention.models import Attention
from invoicing import errors, failpoints
from invoicing.models import Chain, EGSUnit, Invoice, Revision
from invoicing.services import alarms, csids, onboarding, renewal, sending
from invoicing.services.csids import revoke_csid
from invoicing.services.onboarding import onboard_unit, register_unit, update_unit
from invoicing.services.renewal import renew_unit
from invoicing.services.rotation import rotate_secrets
from invoicing.services.units import resume_unit
from tests.invoicing.conftest import UNIT
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.reliability.deaths import Died
from tests.invoicing.traces import URL, everything, sent

EARLY = {"Prefer": "respond-async"}
UNITS = "/api/v1/egs-units"
CSIDS = "/production/csids"


def calls(zatca, since: int = 0) -> list[tuple[str, int]]:
    """(call, answer) of everything that the authority was asked."""
    return [(row["call"], row["answered"]) for row in zatca.control.deliveries()][since:]


def places() -> list[tuple[str, int, int]]:
    rows = Revision.objects.order_by("sealed_at")
    return list(rows.values_list("invoice__invoice_number", "chain_id", "icv"))


def renew(unit: EGSUnit) -> Chain:
    return renew_unit(unit, otp="123456", by="tests")


# --- Renewal --------------------------------------------------------------------------------------


def test_a_renewed_unit_seals_in_a_new_chain_and_old_documents_keep_theirs(api, unit, zatca):
    api.post(URL, simplified("S-1"))
    old = unit.active_chain()
    before = len(zatca.control.deliveries())

    answer = api.post(f"{UNITS}/{unit.pk}/renew", {"otp": "123456"})

    assert answer.status_code == 200, answer.json()
    new = unit.active_chain()
    assert answer.json()["csid"]["certificate_serial"] == new.certificate_serial
    assert (new != old, new.private_key() != old.private_key()) == (True, True)
    api.post(URL, simplified("S-2"))
    assert places() == [("S-1", old.pk, 1), ("S-2", new.pk, 1)]
    assert {invoice.status for invoice in Invoice.objects.all()} == {"CLEARED"}
    assert calls(zatca, before)[0] == (CSIDS, 200)
    assert dict(Chain.objects.values_list("pk", "state")) == {
        old.pk: "RETIRED",
        new.pk: "ACTIVE",
    }


def test_what_was_queued_goes_out_with_the_csid_it_was_stamped_with(api, unit, zatca):
    api.post(URL, simplified("S-1"), headers=EARLY)
    old = unit.active_chain()

    renew(unit)
    assert sending.send_due() == 1

    [held] = zatca.control.documents("S-1")
    assert held["csid"] == str(int(old.certificate_serial, 16))
    assert Invoice.objects.get().status == "CLEARED"


def test_a_401_waits_for_the_new_csid_and_the_same_bytes_go_out(api, najd, zatca):
    unit = register_unit(tenant=najd, name="till-1", **UNIT)
    old = onboard_unit(unit, otp="123456", by="tests")
    for number in ("S-1", "S-2"):
        api.post(URL, simplified(number), headers=EARLY)
    # Afterwards: what is stamped with a revoked certificate is refused whoever hands it in.
    zatca.control.revoke(str(int(old.certificate_serial, 16)))
    sending.send_due()
    assert Attention.objects.get().kind == "credential_rejected"
    assert sending.send_due() == 0

    onboard_unit(unit, otp="123456", by="tests")
    for _ in range(3):
        sending.send_due()

    assert {invoice.status for invoice in Invoice.objects.all()} == {"CLEARED"}
    for number in ("S-1", "S-2"):
        assert len(set(sent(zatca, number))) == 1
    assert not Attention.objects.open().exists()


def test_428_is_answered_by_the_compliance_documents(najd, zatca):
    unit = register_unit(tenant=najd, name="till-1", **{**UNIT, "issues_standard": False})
    onboard_unit(unit, otp="123456", by="tests")
    update_unit(unit, issues_standard=True)
    before = len(zatca.control.deliveries())

    renew(unit)

    assert calls(zatca, before) == [
        (CSIDS, 428),
        *[("/compliance/invoices", 200)] * 6,
        (CSIDS, 200),
    ]
    assert unit.active_chain().certificate().vat_number == unit.vat_number
    assert zatca.control.csids()[-1]["title"] == "1100"


@pytest.mark.parametrize(
    ("otp", "fault", "said", "param"),
    [
        ("222222", "", "Invalid-OTP: The provided OTP is expired", "otp"),
        ("123456", "unauthorized", "it does not accept the present CSID any more", None),
        ("123456", "error_503_before", "zatca_unavailable: HTTP 503 without a reason", None),
        ("123456", "empty", "zatca_unreadable: HTTP 200 without a reason", None),
        ("123456", "html", "zatca_unreadable: HTTP 200 without a reason", None),
    ],
)
def test_what_the_authority_refuses_leaves_the_unit_its_csid(
    api, unit, zatca, otp, fault, said, param
):
    before = api.get(f"{UNITS}/{unit.pk}").json()
    if fault:
        # The first that goes to this path since the books were emptied.
        zatca.control.script(CSIDS, delivery=1, fault=fault)

    response = api.post(f"{UNITS}/{unit.pk}/renew", {"otp": otp})

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (502, "renewal_failed", param)
    assert said in error["message"]
    assert error["message_ar"]
    assert api.get(f"{UNITS}/{unit.pk}").json() == before
    assert api.post(URL, simplified()).status_code == 201


def test_a_refused_compliance_document_leaves_the_unit_its_csid(api, najd, zatca):
    unit = register_unit(tenant=najd, name="till-1", **{**UNIT, "issues_standard": False})
    old = onboard_unit(unit, otp="123456", by="tests")
    update_unit(unit, issues_standard=True)
    done = len(zatca.control.deliveries("/compliance/invoices"))
    zatca.control.script("/compliance/invoices", delivery=done + 2, fault="reject")

    response = api.post(f"{UNITS}/{unit.pk}/renew", {"otp": "123456"})

    assert (response.status_code, unit.active_chain()) == (502, old)
    assert response.json()["error"]["code"] == "onboarding_failed"


def test_an_answer_that_nobody_knows_is_no_csid(unit, zatca, monkeypatch):
    monkeypatch.setattr(renewal, "ISSUED", "GRANTED")
    old = unit.active_chain()

    with pytest.raises(errors.RenewalFailed, match="it said 'ISSUED'"):
        renew(unit)

    assert unit.active_chain() == old


@pytest.mark.parametrize("point", failpoints.RENEWAL_POINTS)
def test_a_renewal_that_ends_anywhere_is_run_again(api, najd, zatca, monkeypatch, point):
    unit = register_unit(tenant=najd, name="till-1", **{**UNIT, "issues_standard": False})
    old = onboard_unit(unit, otp="123456", by="tests")
    update_unit(unit, issues_standard=True)

    with monkeypatch.context() as armed:
        armed.setattr(renewal, "reached", lambda name: _die(name == point))
        with pytest.raises(Died):
            renew(unit)

    assert unit.active_chain() == old
    assert api.post(URL, simplified("S-1")).status_code == 201
    new = renew(unit)
    assert api.post(URL, standard("INV-1")).status_code == 201
    assert places() == [("S-1", old.pk, 1), ("INV-1", new.pk, 1)]


def _die(now: bool) -> None:
    if now:
        raise Died


def test_a_unit_without_a_csid_has_none_to_renew(api, najd, zatca):
    unit = register_unit(tenant=najd, name="till-1", **UNIT)
    before = everything(zatca)

    response = api.post(f"{UNITS}/{unit.pk}/renew", {"otp": "123456"})

    assert (response.status_code, response.json()["error"]["code"]) == (409, "unit_not_onboarded")
    assert everything(zatca) == before


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_one_command_renews(unit, zatca):
    said = run("renew_csid", "till-1", "--tenant", str(unit.tenant_id), "--otp", "123456")

    chain = unit.active_chain()
    assert said == (
        f"till-1 has a new CSID: certificate {chain.certificate_serial}, valid until "
        f"{chain.expires_at:%Y-%m-%d}. Its chain begins at ICV 1.\n"
    )


def test_the_command_says_what_was_refused(unit, zatca):
    with pytest.raises(CommandError, match="Invalid-OTP") as refusal:
        run("renew_csid", "till-1", "--tenant", str(unit.tenant_id), "--otp", "111111")
    assert refusal.value.returncode == 1
    with pytest.raises(CommandError, match="has no unit 'till-9'") as refusal:
        run("renew_csid", "till-9", "--tenant", str(unit.tenant_id), "--otp", "123456")
    assert refusal.value.returncode == 2


# --- Alarms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "kinds"),
    [(31, []), (29, ["30d"]), (13, ["14d"]), (6, ["7d"]), (0.9, ["1d"]), (-1, ["1d"])],
)
def test_one_alarm_at_a_time_says_how_soon(unit, days, kinds):
    Chain.objects.update(expires_at=timezone.now() + timedelta(days=29))
    if days < 29:
        alarms.raise_certificate_alarms()
    Chain.objects.update(expires_at=timezone.now() + timedelta(days=days))

    alarms.raise_certificate_alarms()

    told = Attention.objects.open().values_list("kind", "subject")
    assert list(told) == [(f"certificate_expires_{kind}", unit.subject) for kind in kinds]


def test_a_renewal_answers_the_alarm(unit, zatca):
    Chain.objects.update(expires_at=timezone.now() + timedelta(days=6))
    alarms.raise_certificate_alarms()

    renew(unit)
    alarms.raise_certificate_alarms()

    assert not Attention.objects.open().exists()
    assert Attention.objects.get().resolved_by == "tests"


def test_unreported_documents_have_one_alarm_too(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="error_503_before")
    api.post(URL, simplified("S-1"))
    for hours in (13, 21, 23.5):
        Invoice.objects.update(issued_at=timezone.now() - timedelta(hours=hours))
        alarms.raise_deadline_alarms()

    assert Attention.objects.open().get().kind == "unreported_23h"
    assert Attention.objects.filter(resolved_by="overtaken").count() == 2


# --- Revocation -----------------------------------------------------------------------------------


@pytest.fixture
def revoked(api, unit, zatca) -> Chain:
    """S-1 was sealed under a CSID, and not sent, when the CSID was revoked."""
    api.post(URL, simplified("S-1"), headers=EARLY)
    return revoke_csid(unit, reason="The laptop was stolen.", by="amal")


def test_key_and_secret_are_destroyed_and_the_certificate_stays(revoked):
    row = Chain.objects.values().get()
    assert (row["state"], row["private_key_sealed"], row["secret_sealed"]) == (
        "REVOKED",
        None,
        None,
    )
    assert row["revoked_reason"] == "The laptop was stolen."
    assert revoked.certificate().serial_number == int(row["certificate_serial"], 16)
    assert rotate_secrets() == 0


def test_a_revoked_unit_seals_nothing_and_says_why(api, unit, zatca, revoked):
    before = everything(zatca)

    response = api.post(URL, simplified("S-2"))

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (503, "unit_not_ready")
    assert error["message"] == "The CSID of EGS unit till-1 was revoked. Onboard the unit again."
    assert everything(zatca) == before


def test_what_waits_is_sent_unchanged_with_the_next_csid(api, unit, zatca, revoked):
    bytes_then = bytes(Revision.objects.get().xml)
    assert sending.send_due() == 0

    onboard_unit(unit, otp="123456", by="tests")
    assert sending.send_due() == 1

    assert Invoice.objects.get().status == "CLEARED"
    [held] = zatca.control.documents("S-1")
    assert zatca.control.xml(held["invoice_hash"]) == bytes_then
    assert not Attention.objects.open().exists()
    assert EGSUnit.objects.get().paused_at is None


def test_a_person_is_told_what_the_portal_still_needs(unit, revoked):
    task = Attention.objects.open().get()
    assert (task.kind, task.subject) == ("csid_revoked", unit.subject)
    assert "Revoke it in the Fatoora portal too" in task.next_action


def test_a_retry_by_hand_says_that_there_is_no_csid_left(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="error_503_before")
    pk = api.post(URL, simplified("S-1")).json()["error"]["invoice"]["id"]
    revoke_csid(unit, reason="Lost.", by="amal")

    error = api.post(f"{URL}/{pk}/retry").json()["error"]

    assert error["code"] == "unit_not_ready"
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.failure_class) == ("FAILED", "CONFIGURATION")
    assert len(zatca.control.deliveries("S-1")) == 1


def test_a_revoked_csid_never_comes_back(unit, csid, revoked):
    known = csid(unit.vat_number)

    with pytest.raises(errors.UnitUnfit, match="revoked one never comes back"):
        onboarding.adopt_csid(
            unit, certificate=known.token, private_key=known.key, secret=known.secret, by="tests"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Chain.objects.update(state="ACTIVE")


def test_a_revoked_unit_is_not_resumed_but_onboarded(api, unit, revoked):
    response = api.post(f"{UNITS}/{unit.pk}/resume")

    assert (response.status_code, response.json()["error"]["code"]) == (409, "unit_not_onboarded")
    with pytest.raises(errors.UnitNotOnboarded):
        resume_unit(unit, by="tests")
    with pytest.raises(errors.UnitNotOnboarded):
        csids.revoke_csid(unit, reason="Again.", by="amal")


def test_the_api_and_the_command_revoke(api, unit, zatca):
    answer = api.post(f"{UNITS}/{unit.pk}/revoke", {"reason": "Lost."}).json()
    assert (answer["csid"], answer["can_seal"]) == (None, False)
    onboard_unit(unit, otp="123456", by="tests")

    said = run("revoke_csid", "till-1", "--tenant", str(unit.tenant_id), "--reason", "Sold.")

    assert "its key destroyed" in said
    assert "Fatoora portal" in said
    assert set(Chain.objects.values_list("state", flat=True)) == {"REVOKED"}
