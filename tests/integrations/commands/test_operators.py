"""The operators' commands: set up, check, rehearse, replay, retrieve; each with its exit codes."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db import transaction as transactional

from integrations.models import (
    IMSCall,
    IMSEnvironment,
    IMSPolicy,
    Line,
    ProducerAlias,
    Source,
    TritonTransaction,
)
from tests.integrations.payloads import transaction

FORMAT = "environment.invoice_number_format"
COMMISSION = {"kind": "primary", "name": "X", "office": "Home"}
UNKNOWN = {"producer_email": "who@example.com", "producer_name": ""}


def run(name: str, *words: Any) -> str:
    out = StringIO()
    call_command(name, *map(str, words), stdout=out)
    return out.getvalue()


def refused(name: str, *words: Any) -> tuple[int, str]:
    with pytest.raises(CommandError) as raised:
        run(name, *words)
    return raised.value.returncode, str(raised.value)


@pytest.fixture
def document(tmp_path, ims):
    """Writes a set-up down, as an operator would."""

    def write(**changes: Any) -> Path:
        lines = [
            {
                "kind": line["name"].lower(),
                "name": line["name"],
                "line_guid": line["line_guid"],
                "company_location": line["company_location"],
                "office": "Home",
                "company_commission": "0.30",
            }
            for line in ims.company_lines()
        ]
        whole = {
            "environment": {"name": "demo", "base_url": ims.url, "user_name": ims.user_name},
            "sources": [{"name": "triton"}],
            "offices": [ims.offices()[0] | {"name": "Home"}],
            "lines": lines,
            "programs": [{"program_name": "Home Care", "program_id": 77}],
            "procedures": [{"procedure": "ryan_rptInvoice", "name": "ryan_rptInvoice"}],
            "producer_aliases": [{"written": " Who@Example.com", "email": "pat.reed@example.com"}],
        }
        path = tmp_path / "ims.json"
        path.write_text(json.dumps(whole | changes))
        return path

    return write


def test_a_set_up_is_written_once_and_changed_by_a_second_run(najd, ims, document, monkeypatch):
    monkeypatch.setenv("IMS_PASSWORD", ims.password)
    said = run("ims_setup", document(), "--tenant", najd.pk)
    assert "new   environment demo" in said
    environment = IMSEnvironment.objects.get()
    assert (environment.tenant, environment.password()) == (najd, ims.password)
    assert ims.password not in said
    assert ProducerAlias.objects.get().key == "who@example.com"

    monkeypatch.delenv("IMS_PASSWORD")
    lines = [{"kind": "primary", "name": "Main", "office": "Home"}]
    said = run("ims_setup", document(lines=lines), "--tenant", najd.pk)
    assert "new" not in said
    assert (Line.objects.count(), Line.objects.get(kind="primary").name) == (2, "Main")
    environment.refresh_from_db()
    assert environment.password() == ims.password
    assert run("ims_check").endswith("All in order.\n")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"lines": [{"kind": "tertiary", "name": "X", "office": "Home"}]}, "lines[0].kind"),
        ({"lines": [{"kind": "excess", "name": "X", "office": "None"}]}, "lines[0].office"),
        ({"procedures": [{"procedure": "spNone", "name": "x"}]}, "procedures[0].procedure"),
        ({"sources": [{"name": "Tri ton"}]}, "sources[0].name"),
        ({"sources": {}}, "sources"),
        ({"environment": {"name": "demo", "base_url": "http://ims.example/"}}, "environment"),
        ({"environment": {"name": "demo", "password": "x"}}, "environment.password"),
        ({"environment": {"name": {}}}, "environment.name"),
        ({"environment": {"name": "demo", "invoice_number_format": "INV-{nummer}"}}, FORMAT),
        ({"environment": {"name": "demo", "invoice_number_format": "{number:>999999999}"}}, FORMAT),
        ({"environment": {"name": "demo", "is_active": "yes"}}, "environment.is_active"),
        ({"procedures": [{"procedure": {}}]}, "procedures[0].procedure"),
        ({"procedures": [{"procedure": "ryan_rptInvoice", "name": 5}]}, "procedures[0].name"),
        ({"programs": [{"program_name": [1], "program_id": 7}]}, "programs[0].program_name"),
        ({"programs": [{"program_name": "X", "program_id": True}]}, "programs[0].program_id"),
        ({"lines": [{"kind": "excess", "office": {}}]}, "lines[0].office"),
        ({"lines": [COMMISSION | {"company_commission": 5}]}, "lines[0].company_commission"),
        ({"lines": [COMMISSION | {"producer_commission": -1}]}, "lines[0].producer_commission"),
        ({"producer_aliases": [{"written": "a\nb"}]}, "producer_aliases[0].written"),
        ({"colours": []}, "colours"),
    ],
)
def test_a_set_up_that_does_not_fit_is_refused_whole(najd, document, changes, where):
    code, said = refused("ims_setup", document(**changes), "--tenant", najd.pk)
    assert code == 2
    assert f"\n{where}" in said
    assert not IMSEnvironment.objects.exists()
    assert not Source.objects.exists()


def test_the_database_keeps_commissions_to_fractions(desk):
    for name, value in (("company_commission", 5), ("producer_commission", -1)):
        with pytest.raises(IntegrityError), transactional.atomic():
            Line.objects.update(**{name: value})
    assert Line.objects.update(company_commission=1, producer_commission=0) == 2


def test_the_check_finds_what_ims_does_not_have(desk):
    code, said = refused("ims_check")
    assert (code, said) == (1, "4 things wrong.")  # the desk's locations are made up
    offices = desk.environment.offices
    offices.update(**{k: v for k, v in desk.ims.offices()[0].items() if k != "name"})
    for line in desk.ims.company_lines():
        rows = Line.objects.filter(line_guid=line["line_guid"])
        rows.update(company_location=line["company_location"])
    before = desk.ims.counts()
    assert "All in order." in run("ims_check")
    assert desk.ims.counts() == before

    desk.environment.procedure_names.create(procedure="getUserbyName", name="other_name")
    desk.environment.producer_aliases.create(written="x@example.com", email="no@example.com")
    desk.environment.programs.create(program_name="Home Care", program_id=78)
    other = "00000000-0000-0000-0000-0000000000a2"
    offices.update(issuing_location=other)
    out = StringIO()
    with pytest.raises(CommandError, match="4 things wrong"):
        call_command("ims_check", stdout=out)
    assert f"✗ office Home, issuing: IMS does not list {other}." in out.getvalue()
    assert "✓ office Home, quoting: IMS lists" in out.getvalue()
    assert "✗ program Home Care *: 78: IMS does not list 78." in out.getvalue()
    assert "✗ procedure getUserbyName (here other_name): Could not find stored procedure" in (
        out.getvalue()
    )
    assert "IMS knows no such producer." in out.getvalue()


def test_offices_that_ims_does_not_list_are_not_called_wrong(desk):
    desk.environment.programs.create(program_name="Home Care", program_id=77)
    desk.ims.knobs.add("fault", "SupplementaryData", text="Could not find stored procedure 'X'.")
    out = StringIO()
    with pytest.raises(CommandError, match="2 things wrong"):  # the lines
        call_command("ims_check", stdout=out)
    assert "? offices, programs: SupplementaryData: Could not find" in out.getvalue()
    assert "program Home Care" not in out.getvalue()


def test_the_check_lists_the_names_that_transactions_wait_for(desk):
    desk.post(**UNKNOWN)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("ims_check", stdout=out)
    waits = "(transactions that wait for it: 1)"
    assert f"✗ producer who@example.com: IMS does not know it; an alias may help {waits}" in (
        out.getvalue()
    )


def test_the_check_says_when_ims_cannot_be_asked(desk):
    desk.environment.base_url = "http://127.0.0.1:1/ims/"
    desk.environment.save()
    assert refused("ims_check") == (3, "IMS could not be asked.")
    desk.environment.seal_password("x")
    desk.environment.base_url = desk.ims.url
    desk.environment.save()
    assert refused("ims_check")[0] == 1
    assert refused("ims_check", "--environment", "none")[0] == 2


def test_a_rehearsal_reads_and_keeps_nothing(najd, desk, tmp_path):
    path = tmp_path / "bind.json"
    path.write_text(json.dumps(transaction()))
    said = run("ims_dry_run", path, "--tenant", najd.pk, "--payload")
    assert said.endswith("It could go through.\n")
    assert '"effective_date": "' in said
    path.write_text(json.dumps(transaction(**UNKNOWN)))
    code, why = refused("ims_dry_run", path, "--tenant", najd.pk)
    assert (code, "missing  producer_not_found" in why) == (1, True)
    path.write_text(json.dumps(transaction(insured_zip="1")))
    code, why = refused("ims_dry_run", path, "--tenant", najd.pk)
    assert (code, "insured_zip: A ZIP code has five digits." in why) == (2, True)
    assert not TritonTransaction.objects.exists()
    assert desk.ims.counts()["insured"] == 0


def test_a_group_is_listed_mended_and_replayed(najd, desk):
    stuck = [
        desk.post(opportunity_id=n, policy_number=f"P-{n}", insured_name=f"I {n}", **UNKNOWN)
        for n in (1, 2)
    ]
    other = desk.post(opportunity_id=3, policy_number="P-3", underwriter_name="Nobody")
    key = stuck[0].group_key
    said = run("ims_replay", "--group", key, "--dry-run")
    assert f"[{key}] IMS knows no producer contact who@example.com" in said
    assert said.endswith("2 transactions would be retried.\n")
    code, why = refused("ims_replay", "--group", key)
    assert (code, why) == (1, "2 of 2 did not come through.")

    desk.environment.producer_aliases.create(written="who@example.com", name="Pat Reed")
    said = run("ims_replay", "--group", key, "--tenant", najd.pk)
    assert said.endswith("2 transactions retried, all came through.\n")
    other.refresh_from_db()
    assert other.status == "needs_attention"
    assert desk.ims.counts()["policy"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--type", "issue"], "Nothing to retry.\n"),
        (["--since", "2999-01-01"], "Nothing to retry.\n"),
        (["--failed", "--queue"], "1 transaction due; the worker runs them.\n"),
    ],
)
def test_the_choice_narrows(desk, words, said):
    desk.post(**UNKNOWN)
    assert run("ims_replay", *words).endswith(said)


def test_ids_that_may_not_be_retried_are_refused_one_by_one(desk):
    done = desk.post()
    asked = len(desk.ims.calls())
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 1 did not come through"):
        call_command("ims_replay", "--ids", done.transaction_id, stdout=out)
    assert "refused: This is not possible for a transaction in this state." in out.getvalue()
    assert len(desk.ims.calls()) == asked
    for named in (["nope"], [done.transaction_id, "nope"]):
        assert refused("ims_replay", "--ids", *named) == (2, "There is no transaction nope.")
    said = refused("retrieve_invoice_numbers", "--policies", done.bound_policy_number, "nope")
    assert said == (2, "There is no policy nope.")
    assert refused("ims_replay") == (2, "Say which: --failed, --group, --type, --since, --ids.")
    assert refused("ims_replay", "--failed", "--tenant", 999)[0] == 2


def test_missing_invoice_numbers_are_retrieved(desk):
    desk.ims.knobs.turn({"invoice_after": 99})
    done = desk.post()
    assert run("retrieve_invoice_numbers", "--dry-run").endswith("1 invoice would be asked for.\n")
    assert refused("retrieve_invoice_numbers") == (1, "1 of 1 have no invoice yet.")
    desk.ims.knobs.turn({"invoice_after": 0})
    desk.ims.knobs.add("html_503", "ryan_rptInvoice")
    assert refused("retrieve_invoice_numbers")[0] == 1
    said = run("retrieve_invoice_numbers", "--policies", done.bound_policy_number)
    assert said.endswith("1 invoice retrieved.\n")
    assert IMSPolicy.objects.get().invoice_number == "286201"
    desk.ims.knobs.turn({"invoice_after": 99})
    for number in (7, 8):
        desk.post("endorsement", midterm_endt_id=number, midterm_endt_premium=100)
    assert refused("retrieve_invoice_numbers") == (1, "2 of 2 have no invoice yet.")
    desk.ims.knobs.turn({"invoice_after": 0})
    said = run("retrieve_invoice_numbers", "--since", "2026-01-01")
    assert "AAA0000295-2511  286202\n" in said
    assert said.endswith("AAA0000295-2511  286203\n2 invoices retrieved.\n")
    calls = IMSCall.objects.count()
    assert run("retrieve_invoice_numbers") == "None is missing.\n"
    assert IMSCall.objects.count() == calls
