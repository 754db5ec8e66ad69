"""POST /api/v1/invoices: one invoice goes all the way."""

from invoicing.models import Attempt, Chain, Invoice, Revision
from tests.invoicing.conftest import make_unit
from tests.invoicing.payloads import credit_note, simplified, standard
from tests.invoicing.traces import URL, log_words


def test_a_standard_invoice_is_cleared(api, unit, zatca):
    response = api.post(URL, standard())

    assert response.status_code == 201, response.json()
    answer = response.json()
    assert answer["success"] is True
    assert answer["status"] == "CLEARED"
    assert answer["zatca_status"] == "CLEARED"
    assert answer["clearance"]["clearance_status"] == "CLEARED"
    assert answer["clearance"]["clearance_uuid"] == answer["uuid"]
    assert response["Location"] == f"{URL}/{answer['id']}"
    [held] = zatca.control.documents("INV-1")
    assert (held["verdict"], held["uuid"]) == ("CLEARED", answer["uuid"])


def test_a_simplified_invoice_is_reported(api, unit, zatca):
    answer = api.post(URL, simplified()).json()

    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", "REPORTED")
    assert answer["clearance"]["clearance_status"] == "REPORTED"
    [held] = zatca.control.documents("S-1")
    assert (held["verdict"], held["call"]) == ("REPORTED", "/invoices/reporting/single")


def test_what_is_kept_is_what_the_authority_holds(api, unit, zatca):
    answer = api.post(URL, standard()).json()

    revision = Revision.objects.get(invoice=answer["id"])
    [held] = zatca.control.documents("INV-1")
    assert bytes(revision.xml) == zatca.control.xml(held["invoice_hash"])
    assert bytes(revision.cleared_xml) == zatca.control.cleared_xml(held["invoice_hash"])
    assert (held["icv"], held["pih"]) == (revision.icv, revision.pih)


def test_documents_of_every_kind_share_one_chain_without_gap(api, unit, zatca):
    for payload in (standard(), simplified(), credit_note()):
        assert api.post(URL, payload).status_code == 201

    chain = Chain.objects.get()
    sealed = list(Revision.objects.order_by("icv").values_list("icv", "pih", "hash"))
    assert [icv for icv, _, _ in sealed] == [1, 2, 3]
    assert [pih for _, pih, _ in sealed[1:]] == [own for _, _, own in sealed[:-1]]
    assert (chain.last_icv, chain.last_hash) == (3, sealed[-1][2])


def test_one_attempt_and_one_log_row(api, unit, zatca):
    answer = api.post(URL, standard()).json()

    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.reached, attempt.http_status) == (1, "YES", 200)
    assert log_words(answer["id"]) == [("CLEARED", None, None)]


def test_303_sends_the_same_bytes_to_reporting(api, unit, zatca):
    zatca.control.switch(clearance=False)

    answer = api.post(URL, standard()).json()

    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", "REPORTED")
    calls = [(d["call"], d["sha256"]) for d in zatca.control.deliveries("INV-1")]
    assert [call for call, _ in calls] == [
        "/invoices/clearance/single",
        "/invoices/reporting/single",
    ]
    assert calls[0][1] == calls[1][1]
    assert answer["qr"] == Revision.objects.get().qr
    assert log_words(answer["id"]) == [("CLEARED", None, None)]


def test_warnings_of_the_authority_are_kept_and_do_not_refuse(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="warn", code="BR-KSA-98", message="Late.")

    answer = api.post(URL, standard()).json()

    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", "CLEARED_WITH_WARNINGS")
    assert [(w["code"], w["message"]) for w in answer["warnings"]] == [("BR-KSA-98", "Late.")]


def test_the_default_unit_is_taken_and_a_named_one_wins(api, unit, najd, csid, zatca):
    second = make_unit(najd, csid, "till-2")
    unnamed = api.post(URL, standard()).json()
    named = api.post(URL, standard(egs_unit="till-2")).json()

    assert unnamed["error"]["code"] == "egs_unit_required"
    assert unnamed["error"]["param"] == "egs_unit"
    assert Invoice.objects.get(pk=named["id"]).unit == second
