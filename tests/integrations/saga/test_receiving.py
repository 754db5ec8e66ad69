"""What is taken in, what is found again, and what is refused before anything is stored."""

import json
from dataclasses import replace

import pytest

from config.json import parse_object
from integrations import errors
from integrations.models import IMSPolicy, PayloadVersion, Source, TritonTransaction
from integrations.services import receiving, repairing
from integrations.services.receiving import dry_run
from integrations.services.running import run
from tests.integrations.payloads import nested_transaction, transaction


def nothing_stored(desk) -> bool:
    stored = TritonTransaction.objects.exists() or IMSPolicy.objects.exists()
    return not stored and desk.ims.calls() == []


def test_the_same_content_is_the_same_transaction(desk):
    body = transaction()
    first = desk.take_in(body)
    again = desk.take_in(dict(reversed(body.items())))

    assert (first.is_new, again.is_new, again.resumed) == (True, False, False)
    assert again.transaction == first.transaction
    done = run(first.transaction)
    after = desk.take_in(body)
    assert (after.transaction.status, after.resumed) == (done.status, False)
    assert desk.asked().count("BindQuote") == 1
    with pytest.raises(errors.OtherContent) as refused:
        desk.take_in(body | {"gross_premium": 1})
    assert refused.value.extra["existing"]["id"] == done.pk
    assert TritonTransaction.objects.count() == PayloadVersion.objects.count() == 1


def test_one_that_failed_goes_on_when_its_source_sends_it_again(desk):
    desk.ims.knobs.add("fault", "BindQuote", text="Effective date exceeds the backdate allowance")
    body = transaction()
    row = run(desk.take_in(body).transaction)
    assert (row.status, row.reason_code) == ("failed", "backdate_allowance")

    again = desk.take_in(body)
    assert (again.is_new, again.resumed, again.transaction.status) == (False, True, "received")
    assert run(row).status == "completed"
    assert desk.asked().count("AddQuoteWithSubmission") == 1  # resumed, not restarted


def test_every_field_that_is_wrong_is_named_and_nothing_is_stored(desk):
    body = transaction(effective_date="soon", gross_premium="lots", underwriter_name="")
    with pytest.raises(errors.PayloadInvalid) as refused:
        desk.take_in(body)
    assert {(e.param, e.code) for e in refused.value.errors} == {
        ("effective_date", "invalid_format"),
        ("gross_premium", "invalid_format"),
        ("underwriter_name", "required"),
    }
    with pytest.raises(errors.UnknownSource):
        errors_of_other_source(desk)
    assert nothing_stored(desk)


def errors_of_other_source(desk):
    desk.source.name = "nobody"
    desk.take_in(transaction())


def test_the_word_of_the_path_may_name_the_type(desk):
    body = transaction()
    del body["transaction_type"]
    with pytest.raises(errors.PayloadInvalid):
        desk.take_in(body)
    bind = desk.take_in(body, path_word="binding").transaction
    assert bind.kind == "bind"
    assert desk.take_in(body, path_word="new-business").transaction == bind
    for word in ("unbind", "issue"):
        with pytest.raises(errors.OtherContent) as refused:
            desk.take_in(body, path_word=word)
        assert refused.value.extra["existing"]["transaction_type"] == "bind"
    assert TritonTransaction.objects.count() == 1


def test_what_stands_in_the_way_is_named_by_its_own_source(desk):
    other = Source.objects.create(tenant=desk.tenant, name="xuber", environment=desk.environment)
    body = transaction(transaction_id="a/b")
    for source, path in (
        (desk.source, "/api/triton/transaction/a%2Fb"),
        (other, "/api/sources/xuber/transaction/a%2Fb"),
    ):
        there = replace(desk, source=source)
        there.take_in(body)
        with pytest.raises(errors.OtherContent) as refused:
            there.take_in(body | {"city": "Flint"})
        assert refused.value.extra["existing"]["links"] == {"self": path}


def test_an_opportunity_is_bound_once(desk):
    first = desk.post(producer_email="x@example.com", producer_name="")
    with pytest.raises(errors.BindNotFinished) as refused:
        desk.receive()
    assert refused.value.extra["existing"]["transaction_id"] == first.transaction_id
    repairing.close(first, actor="Rania", reason="Sent anew")
    done = desk.post()
    assert done.status == "completed"
    with pytest.raises(errors.PolicyAlreadyBound, match="Policy Already Bound"):
        desk.receive()
    with pytest.raises(errors.PolicyNumberTaken):
        desk.receive(opportunity_id=7)
    assert TritonTransaction.objects.count() == 2


def test_an_endorsement_is_processed_once(desk):
    desk.post()
    desk.post("endorsement")
    with pytest.raises(errors.EndorsementAlreadyProcessed):
        desk.receive("endorsement")
    other = desk.post("endorsement", midterm_endt_id=6347)
    assert (other.status, desk.ims.counts()["endorsement"]) == ("completed", 2)


def test_a_policy_bound_in_ims_by_somebody_else_is_not_bound_again(desk):
    done = desk.post()
    IMSPolicy.objects.update(bound_at=None)
    TritonTransaction.objects.filter(pk=done.pk).update(duplicate_key="")

    row = desk.post()

    assert (row.status, row.reason_code) == ("failed", "policy_already_bound")
    assert desk.ims.counts()["quote"] == 1


def test_what_ims_will_refuse_is_a_warning_beforehand(desk):
    row = desk.receive(
        effective_date="01/02/2026", producer_email="a@example.com, b@example.com"
    ).transaction
    assert [warning["code"] for warning in row.warnings] == ["backdated", "producer_ambiguous"]


def test_a_transaction_by_number_finds_the_policy_of_the_opportunity(desk):
    bind = desk.post()
    issue = desk.receive("issue").transaction  # names the policy number alone
    assert issue.policy == bind.policy
    other = desk.take_in(nested_transaction()).transaction
    assert other.policy != bind.policy


def test_a_dry_run_reads_and_says_what_is_missing(desk):
    told = dry_run(desk.tenant, "triton", transaction(underwriter_name="Nobody"))

    assert told.missing == [
        {"code": "underwriter_not_found", "message": "IMS knows no underwriter Nobody"}
    ]
    assert told.found["producer.email"] == "pat.reed@example.com"
    assert told.steps[:2] == ("store", "existing")
    assert '"transaction_type": "bind"' in told.payload
    counts = desk.ims.counts()
    assert (counts["insured"], counts["quote"]) == (0, 0)
    assert not TritonTransaction.objects.exists()
    assert "spStoreTritonTransaction" not in desk.asked()


def test_a_post_that_was_overtaken_finds_what_is_bound_by_now(desk, monkeypatch):
    body = transaction()
    done = run(desk.take_in(body).transaction)
    look = receiving._stored
    looks = [lambda *key: None, look]  # its first look was before the other was stored
    monkeypatch.setattr(receiving, "_stored", lambda *key: looks.pop(0)(*key))

    again = desk.take_in(body)

    assert (again.is_new, again.transaction, done.status) == (False, done, "completed")


def test_of_two_policies_with_a_number_the_bound_one_is_meant(desk):
    """Whatever the database thinks of the order of what is not there."""
    number = {"policy_number": "P-7"}
    desk.post(opportunity_id=7, **number)
    desk.post("unbind", opportunity_id=7)
    bound = desk.post(**number)
    body = transaction("cancellation", opportunity_id=None, **number)

    found = dry_run(desk.tenant, "triton", parse_object(json.dumps(body).encode())).found
    assert found["latest.quote_guid"] == str(bound.quote_guid)
    assert desk.take_in(body).transaction.policy == bound.policy
