"""zatca_bytes: what is hashed, what is stated, and where two documents part."""

import pytest

from invoicing.models import Invoice
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import standard
from tests.invoicing.traces import URL


@arranged
def cleared(world: World) -> Invoice:
    return world.issue("INV-1")


def test_an_invoice_of_ours_holds_and_is_what_came_back(run, cleared):
    ran = run("zatca_bytes", "--invoice", str(cleared.pk))

    assert ran.code == 0
    assert ran.lines[0].startswith(f"invoice hash: {cleared.hash} over ")
    assert "holds  signature" in ran.lines
    assert ran.lines[-1] == "same canonical bytes as the cleared version"


def test_the_canonical_bytes_can_be_had(run, cleared):
    ran = run("zatca_bytes", "--invoice", str(cleared.pk), "--canonical")

    assert any(line.startswith("<Invoice xmlns=") for line in ran.lines)


def test_a_file_that_somebody_laid_out_anew(run, cleared, tmp_path):
    file = tmp_path / "theirs.xml"
    file.write_bytes(
        cleared.xml_content.encode().replace(b"<cac:InvoiceLine>", b"\n<cac:InvoiceLine>")
    )

    ran = run("zatca_bytes", "--invoice", str(cleared.pk), "--against", str(file))

    assert ran.code == 1
    assert any("parts from" in line and "at byte" in line for line in ran.lines)
    assert "Only white space between elements differs" in ran.lines[-1]


def test_an_altered_clearance_is_explained(run, api, unit, zatca):
    zatca.control.script("INV-7", delivery=1, fault="altered_cleared", part="total")
    pk = api.post(URL, standard("INV-7")).json()["id"]

    ran = run("zatca_bytes", "--invoice", str(pk))

    assert ran.code == 1
    assert "PayableAmount says '1230.00' instead of '230.00'." in ran.lines[-1]


def test_a_foreign_file_alone(run, cleared, tmp_path):
    file = tmp_path / "theirs.xml"
    file.write_bytes(cleared.xml_content.encode().replace(b">230.00<", b">231.00<"))

    ran = run("zatca_bytes", str(file))

    assert ran.code == 1
    assert "BROKEN invoice hash" in ran.lines
    assert any("the file was changed after it was signed" in line for line in ran.lines)


@pytest.mark.parametrize(
    "arguments",
    [[], ["--invoice", "4711"], ["/nowhere.xml"], ["/nowhere.xml", "--invoice", "1"]],
)
def test_wrong_use_is_exit_code_2(run, db, arguments):
    assert run("zatca_bytes", *arguments).code == 2


def test_a_file_that_is_no_xml(run, db, tmp_path):
    (tmp_path / "x.xml").write_bytes(b"%PDF-1.7")

    assert run("zatca_bytes", str(tmp_path / "x.xml")).code == 1
