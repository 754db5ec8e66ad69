"""D0's test_invoice_in_binding, run as the command that it is here."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command
from requests.adapters import HTTPAdapter

from config.tenancy.services import issue_api_key
from integrations.models import IMSEnvironment
from integrations.services.running import work_due
from tests.conftest import client_with

SITE = "http://daftar.test"
PAGE = Path(__file__).parents[3] / "docs" / "ims.md"


@pytest.fixture
def site(najd, monkeypatch, settings) -> str:
    """The site, answered in this process; a worker looks before each question about a state."""
    settings.IMS_WORKERS = 1
    scopes = ["integrations:read", "integrations:write"]
    _, key = issue_api_key(tenant=najd, name="triton", scopes=scopes)
    api, send = client_with(key), HTTPAdapter.send

    def answer(adapter, request, **how):
        if not request.url.startswith(SITE):
            return send(adapter, request, **how)
        path = request.url.removeprefix(SITE)
        if request.method == "GET":
            work_due()
            said = api.get(path)
        else:
            said = api.generic("POST", path, request.body, content_type="application/json")
        response = requests.Response()
        response.status_code, response._content = said.status_code, said.content
        response.headers.update(said.headers)
        response.request, response.url = request, request.url
        return response

    monkeypatch.setattr(HTTPAdapter, "send", answer)
    return key


def run(key: str, *more: str) -> str:
    out = StringIO()
    call_command("test_invoice_in_binding", "--url", SITE, "--api-key", key, *more, stdout=out)
    return out.getvalue()


def test_synchronous_late_and_asynchronous(site, desk):
    told = run(site, "--ims", desk.ims.url)
    assert "All as the document says." in told
    assert told.count("invoice_number null") == 2
    assert "asked for by hand: invoice 286202" in told
    assert "invoice_number 286201" in told
    assert "invoice_number 286203" in told
    assert desk.ims.counts()["policy"] == 3


def test_the_recipe_of_the_page_runs_as_it_is_printed(site, najd, ims, tmp_path, monkeypatch):
    page = PAGE.read_text()
    printed = re.search(r"^    \{\n      \"environment\".*?^    \}$", page, re.S | re.M)
    document = json.loads(printed[0])
    document["environment"]["base_url"] = ims.url
    _fill(document, ims)
    (tmp_path / "ims.json").write_text(json.dumps(document))
    monkeypatch.setenv("IMS_PASSWORD", re.search(r"IMS_PASSWORD=(\S+)", page)[1])
    call_command(
        "ims_setup", str(tmp_path / "ims.json"), "--tenant", str(najd.pk), stdout=StringIO()
    )
    out = StringIO()
    call_command("ims_check", stdout=out)
    assert "All in order." in out.getvalue()
    IMSEnvironment.objects.update(invoice_wait_seconds=0)  # nobody waits in a test
    assert "All as the document says." in run(site, "--ims", ims.url)


def _fill(document, ims) -> None:
    """What the page leaves open, as the stand-in lists it."""
    [line] = document["lines"]
    [listed] = [each for each in ims.company_lines() if each["name"] == line["name"]]
    [office] = document["offices"]
    for row, guids in ((line, listed), (office, ims.offices()[0])):
        for name, value in row.items():
            if value == "…":
                row[name] = guids[name]


def test_a_refusal_is_not_as_the_document_says(site, desk):
    with pytest.raises(CommandError, match="2 of the answers are not as the document says"):
        run(site, "--producer", "nobody@example.com", "--patience", "1")
