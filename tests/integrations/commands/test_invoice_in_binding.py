"""D0's test_invoice_in_binding, run as the command that it is here."""

from io import StringIO

import pytest
import requests
from django.core.management import CommandError, call_command
from requests.adapters import HTTPAdapter

from config.tenancy.services import issue_api_key
from integrations.services.running import work_due
from tests.conftest import client_with

SITE = "http://daftar.test"


@pytest.fixture
def site(najd, desk, monkeypatch) -> str:
    """The site, answered in this process; a worker looks before each question about a state."""
    _, key = issue_api_key(tenant=najd, name="triton", scopes=["integrations:write"])
    _, reads = issue_api_key(tenant=najd, name="x", scopes=["integrations:read"])
    api, send = client_with(key), HTTPAdapter.send

    def answer(adapter, request, **how):
        if not request.url.startswith(SITE):
            return send(adapter, request, **how)
        path = request.url.removeprefix(SITE)
        if request.method == "GET":
            work_due()
            said = client_with(reads).get(path)
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


def test_a_refusal_is_not_as_the_document_says(site, desk):
    with pytest.raises(CommandError, match="2 of the answers are not as the document says"):
        run(site, "--producer", "nobody@example.com", "--patience", "1")
