"""An independent reader: zeep takes every answer of the stand-in for what the WSDLs say it is."""

from integrations.sandbox.operations import OPERATIONS
from tests.integrations.sandbox import oracle


def test_zeep_reads_what_the_stand_in_answers(reference, capsys):
    assert oracle.main(reference / "ims" / "soap" / "wsdl") == 0
    read = capsys.readouterr().out.rpartition("read: ")[2].split("\n")[0].split(", ")
    # Not asked: pictures of invoices, a second way to bind, quotes without their submission.
    left = {name for service, name in OPERATIONS if service != "invoicefactory"} - set(read)
    assert left == {
        "AddSubmission",
        "AddQuote",
        "AddQuoteWithAutocalculateDetailsQuote",
        "BindWithInstallment",
    }
