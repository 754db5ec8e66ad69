"""verify_chain: what is found when sealed rows were tampered with behind Daftar's back."""

from uuid import uuid4

import pytest

from invoicing.models import Chain, Revision
from invoicing.sandbox.documents import invoice_hash
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import simplified

pytestmark = pytest.mark.usefixtures("vandal")


@arranged
def sealed(world: World) -> list[Revision]:
    """Three documents: cleared, reported, and rejected, which keeps its place."""
    world.issue("INV-1"), world.issue("S-2"), world.issue("INV-3", fault="reject")
    return list(Revision.objects.order_by("icv"))


def alter(revision: Revision, **columns) -> None:
    Revision.objects.filter(pk=revision.pk).update(**columns)


def test_an_untouched_chain_holds_with_every_stamp(run, sealed):
    ran = run("verify_chain", "--stamps")
    assert ran.code == 0
    assert ran.lines == ["1 chain of 3 documents: ICV, PIH, UUID, hashes and stamps hold."]


def test_without_documents_there_is_nothing_to_find(run, unit):
    assert run("verify_chain").lines == ["1 chain of 0 documents: ICV, PIH, UUID, hashes hold."]


def test_an_amount_changed_in_the_stored_bytes(run, sealed):
    alter(sealed[0], xml=bytes(sealed[0].xml).replace(b"230.00", b"130.00"))
    ran = run("verify_chain")
    assert ran.code == 1
    assert ran.complaint == "1 finding in 1 chain of 3 documents."
    [line] = ran.lines
    assert line.endswith("ICV 1 (INV-1 · 1): the hash of the stored bytes is not the recorded one")


def test_a_document_forged_together_with_its_hash_breaks_the_next_link(run, sealed):
    other = bytes(sealed[0].xml).replace(b"230.00", b"130.00")
    alter(sealed[0], xml=other, hash=invoice_hash(other))
    assert [line.partition("): ")[2] for line in run("verify_chain").lines] == [
        "the cleared version is of another document",
        "its PIH is not the hash of the document before it",
    ]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"pih": "x" * 44}, ["its PIH is not the hash of the document before it",
                             "the PIH in the stored bytes is not the recorded one"]),
        ({"uuid": uuid4()}, ["the UUID in the stored bytes is not the recorded one"]),
        ({"xml": b"<Invoice"}, ["the stored bytes are no document"]),
    ],
)  # fmt: skip
def test_a_changed_column_is_told(run, sealed, columns, said):
    alter(sealed[1], **columns)
    assert [line.partition("): ")[2] for line in run("verify_chain").lines] == said


def test_a_document_taken_out_of_the_middle(run, sealed):
    alter(sealed[1], chain=None, icv=None, xml=None)
    ran = run("verify_chain")
    assert [line.partition(": ")[2] for line in ran.lines] == ["ICV 2 is missing"]


def test_documents_taken_off_the_end(run, sealed):
    alter(sealed[1], chain=None, icv=None, xml=None)
    alter(sealed[2], chain=None, icv=None, xml=None)
    ran = run("verify_chain")
    assert [line.partition(": ")[2] for line in ran.lines] == ["ICV 2 to 3 are missing"]


def test_a_count_set_back_would_give_a_number_out_twice(run, sealed):
    Chain.objects.update(last_icv=2)
    assert [line.partition(": ")[2] for line in run("verify_chain").lines] == [
        "the next PIH would not be the hash of the last document",
        "there are documents beyond the chain's own count",
    ]


def test_a_stamp_of_somebody_else_is_found_only_by_stamps(run, sealed, foreign_unit, foreign_api):
    foreign_api.post("/api/v1/invoices", simplified("S-9"))
    theirs = Revision.objects.get(invoice__invoice_number="S-9")
    mine = bytes(sealed[1].xml)
    start, end = b"<ds:SignatureValue>", b"</ds:SignatureValue>"
    stolen = bytes(theirs.xml).partition(start)[2].partition(end)[0]
    head, _, rest = mine.partition(start)
    alter(sealed[1], xml=head + start + stolen + end + rest.partition(end)[2])

    assert run("verify_chain").code == 0
    ran = run("verify_chain", "--stamps")
    assert ran.code == 1
    assert "ICV 2 (S-2 · 1): the stamp does not hold" in ran.lines[0]


def test_only_the_named_tenant_is_looked_at(run, sealed, hijaz):
    alter(sealed[0], pih="x" * 44)
    assert run("verify_chain", "--tenant", str(hijaz.pk)).code == 0
    assert run("verify_chain", "--tenant", str(sealed[0].invoice.tenant_id)).code == 1


def test_an_unknown_tenant_is_wrong_usage(run, db):
    ran = run("verify_chain", "--tenant", "77")
    assert (ran.code, ran.complaint) == (2, "There is no tenant 77.")


def test_a_stamp_must_be_the_chains_own(run, sealed, foreign_unit):
    theirs = foreign_unit.active_chain()
    Chain.objects.filter(pk=sealed[0].chain_id).update(token=theirs.token)

    assert run("verify_chain").code == 0
    lines = run("verify_chain", "--stamps").lines
    assert [line.partition("): ")[2].partition(":")[0] for line in lines] == [
        "the stamp does not hold"
    ] * 3
