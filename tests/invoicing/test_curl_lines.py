"""D1's curl lines against the running site (contracts 15): read from the document, run by curl.

Nothing is changed in them but scheme, host, key and id.
"""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from config.tenancy.services import issue_api_key
from invoicing.models import Invoice
from tests.invoicing.payloads import phase_1, standard
from tests.invoicing.traces import URL

HOST, KEY = "https://api.example.com", "your-api-key"


def curl_lines(document: Path) -> list[str]:
    """The commands of the document, each joined to one line."""
    blocks = re.findall(r"```bash\n(curl .*?)```", document.read_text(), re.DOTALL)
    return [block.replace("\\\n", " ").strip() for block in blocks]


def run(line: str) -> tuple[int, dict]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = [*shlex.split(line), "--silent", "--show-error", "--write-out", "\n%{http_code}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    body, _, status = answer.rpartition("\n")
    return int(status), json.loads(body)


@pytest.fixture
def line(reference, live_server, najd):
    """A line of D1 aimed at this site: `line(123, pk)` has the id of the document replaced."""
    _, key = issue_api_key(tenant=najd, name="curl", scopes=["invoices:write"])
    lines = curl_lines(reference / "documents" / "invoice-retry-api.md")

    def line(documented: int, pk: int) -> str:
        [found] = [text for text in lines if f"/invoices/{documented}/retry" in text]
        aimed = found.replace(HOST, live_server.url).replace(KEY, key)
        return aimed.replace(f"/{documented}/", f"/{pk}/")

    return line


def test_d1_has_the_lines_that_are_run_here(reference):
    found = curl_lines(reference / "documents" / "invoice-retry-api.md")
    assert [re.search(r"/invoices/(\d+)/retry", text)[1] for text in found] == ["123", "456"]


def test_retry_a_failed_invoice(committed, line, api, unit, zatca):
    zatca.control.script("INV-2024-001", delivery=1, fault="error_503_before")
    error = api.post(URL, standard("INV-2024-001")).json()["error"]

    status, answer = run(line(123, error["invoice"]["id"]))

    uuid = Invoice.objects.get().uuid
    assert status == 200
    assert answer["success"] is True
    assert answer["invoice_number"] == "INV-2024-001"
    assert (answer["mode"], answer["environment"]) == ("PHASE_2", "SANDBOX")
    assert answer["clearance"]["clearance_status"] == "CLEARED"
    assert answer["clearance"]["clearance_uuid"] == uuid
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer["processed_at"])


def test_a_cleared_invoice_cannot_be_retried(committed, line, api, zatca):
    pk = api.post(URL, phase_1("INV-2024-002")).json()["id"]

    status, answer = run(line(456, pk))

    assert status == 400
    assert answer["detail"] == (
        "Cannot retry invoice INV-2024-002: Status is CLEARED. "
        "Only FAILED or REJECTED invoices can be retried."
    )
