"""The archive of a range: what is in it, and that tampering with any of it is found and named."""

import json
import subprocess
import sys
import zipfile

import pytest
from django.conf import settings

from invoicing.models import Invoice, InvoiceLog
from invoicing.verification.archives import NoArchive, open_archive, report
from tests.invoicing.deliveries.conftest import archive_of, folder, names, relisted, rewritten, said
from tests.invoicing.reliability.processes import ROOT

KINDS = {
    "invoice.json": "it was changed",
    "log.jsonl": "it was changed",
    "payload.json": "it was changed",
    "sealed.xml": "it was changed",
    "cleared.xml": "it was changed",
    ".answer": "it was changed",
    "document.pdf": "it was changed",
    "chains/": "it was changed",
}


def test_everything_of_an_invoice_is_in_it(three):
    one, two, last = folder(three, "INV-1"), folder(three, "S-2"), folder(three, "INV_3")
    assert names(three) == [
        f"{one}/invoice.json", f"{one}/log.jsonl", f"{one}/revision-1/payload.json",
        f"{one}/revision-1/sealed.xml", f"{one}/revision-1/cleared.xml",
        f"{one}/attempt-1.answer", f"{one}/document.pdf",
        f"{two}/invoice.json", f"{two}/log.jsonl", f"{two}/revision-1/payload.json",
        f"{two}/revision-1/sealed.xml", f"{two}/attempt-1.answer", f"{two}/document.pdf",
        f"{last}/invoice.json", f"{last}/log.jsonl", f"{last}/revision-1/payload.json",
        f"{last}/revision-1/sealed.xml", f"{last}/attempt-1.answer",
        *(name for name in names(three) if name.startswith("chains/")),
        "files.jsonl", "manifest.json",
    ]  # fmt: skip
    invoice = Invoice.objects.get(invoice_number="INV-1")
    with zipfile.ZipFile(three) as archive:
        sealed = archive.read(f"{one}/revision-1/sealed.xml")
        assert sealed == bytes(invoice.current.xml)
        answer = archive.read(f"{one}/attempt-1.answer")
        assert answer == bytes(invoice.attempts.get().response)
        assert json.loads(archive.read(f"{one}/invoice.json"))["total_amount"] == "230.00"
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["counts"] == {
        "answers": 3, "chains": 1, "cleared": 1, "files": 19, "invoices": 3, "log_entries": 3,
        "logs": 3, "payloads": 3, "pdfs": 2, "revisions": 3, "sealed": 3,
    }  # fmt: skip
    [chain] = manifest["chains"]
    head = invoice.unit.active_chain()
    assert (chain["first_icv"], chain["last_icv"], chain["head"]) == (1, 3, head.last_hash)


def test_an_untouched_archive_holds_with_and_without_the_key(archived):
    assert said(archived) == []
    assert said(archived, settings.AUDIT_KEY) == []


def test_the_same_range_makes_the_same_files(three, these_days, tmp_path):
    again = archive_of(these_days, tmp_path / "again.zip")
    with zipfile.ZipFile(three) as one, zipfile.ZipFile(again) as two:
        assert one.read("files.jsonl") == two.read("files.jsonl")


@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_byte_of_any_file_is_found_and_named(archived, kind):
    name = next(name for name in names(archived) if kind in name)

    def flip(content):
        data = bytearray(content[name])
        data[len(data) // 2] ^= 1
        return {**content, name: bytes(data)}

    assert f"{name}: it was changed: its SHA-256 is not the listed one" in said(
        rewritten(archived, flip)
    )


def test_a_changed_byte_in_the_zip_itself(archived):
    data = bytearray(archived.read_bytes())
    data[200] ^= 0xFF
    archived.write_bytes(bytes(data))
    [first, *_] = said(archived)
    assert first.startswith(f"{folder(archived, 'INV-1')}/invoice.json: it was changed")


def test_a_dropped_file(archived):
    gone = f"{folder(archived, 'S-2')}/document.pdf"
    drop = lambda content: {k: v for k, v in content.items() if k != gone}  # noqa: E731
    assert said(rewritten(archived, drop)) == [f"{gone}: it is missing"]


def test_an_added_file(archived):
    add = lambda content: {"invoices/more.txt": b"x", **content}  # noqa: E731
    assert said(rewritten(archived, add)) == [
        "invoices/more.txt: it was added: the list of files does not have it"
    ]


def test_moved_files(archived):
    one, two = f"{folder(archived, 'INV-1')}/invoice.json", f"{folder(archived, 'INV-1')}/log.jsonl"

    def swap(content):
        rest = {k: v for k, v in content.items() if k not in (one, two)}
        return {two: content[two], one: content[one], **rest}

    assert said(rewritten(archived, swap)) == [f"{two}: it was moved: {one} should stand here"]


def test_an_amount_forged_with_a_new_list_breaks_hash_and_stamp(archived):
    name = f"{folder(archived, 'INV-1')}/revision-1/sealed.xml"

    def forge(content):
        return relisted({**content, name: content[name].replace(b"230.00", b"130.00")})

    found = said(rewritten(archived, forge))
    assert f"{name}: the hash of its bytes is not the one in the chain" in found
    assert any(line.startswith(f"{name}: its stamp does not hold") for line in found)


def test_a_cleared_version_of_another_document(archived):
    name = f"{folder(archived, 'INV-1')}/revision-1/cleared.xml"
    other = f"{folder(archived, 'S-2')}/revision-1/sealed.xml"
    swap = lambda content: relisted({**content, name: content[other]})  # noqa: E731
    assert said(rewritten(archived, swap)) == [
        f"{name}: it is the cleared version of another document"
    ]


def test_a_document_taken_out_with_its_link(archived):
    chain = next(name for name in names(archived) if name.startswith("chains/"))

    def take(content):
        lines = content[chain].splitlines(keepends=True)
        return relisted({**content, chain: lines[0] + lines[2]})

    found = said(rewritten(archived, take))
    assert f"{chain}: ICV 3 stands where ICV 2 should" in found
    assert f"{chain}: ICV 3: its PIH is not the hash of the document before it" in found
    stray = f"{folder(archived, 'S-2')}/revision-1/sealed.xml"
    assert f"{stray}: no chain of the archive has this document" in found


def test_a_chain_cut_off_at_its_end(archived):
    chain = next(name for name in names(archived) if name.startswith("chains/"))
    cut = lambda c: relisted({**c, chain: b"".join(c[chain].splitlines(True)[:2])})  # noqa: E731
    assert f"{chain}: it ends before ICV 3" in said(rewritten(archived, cut))


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda rows: [rows[0], rows[2]], "entry 2 is missing"),
        (lambda rows: [rows[1], rows[0], rows[2]], "entry 1 is missing"),
        (lambda rows: rows[:2], "it ends with entry 2; the invoice names entry 3"),
        (lambda rows: [*rows, rows[2]], "entry 4 is missing"),
        (lambda rows: [rows[0], b"{}\n", rows[2]], "entry 2 cannot be read"),
    ],
)
def test_a_log_that_was_edited_with_a_new_list(archive_with_retry, change, finding):
    name = f"{folder(archive_with_retry, 'INV-9')}/log.jsonl"

    def edit(content):
        rows = content[name].splitlines(keepends=True)
        return relisted({**content, name: b"".join(change(rows))})

    assert said(rewritten(archive_with_retry, edit)) == [f"{name}: {finding}"]


def test_a_word_in_the_log_shows_with_the_key_only(archive_with_retry):
    name = f"{folder(archive_with_retry, 'INV-9')}/log.jsonl"

    def reword(content):
        return relisted({**content, name: content[name].replace(b'"ERROR"', b'"error"')})

    tampered = rewritten(archive_with_retry, reword)
    assert said(tampered) == []
    assert said(tampered, settings.AUDIT_KEY) == [
        "manifest.json: it was not written with this audit key, or was changed",
        f"{name}: entry 1 was changed",
    ]


def test_the_entries_are_those_of_the_log(retried):
    with zipfile.ZipFile(retried) as archive:
        lines = archive.read(f"{folder(retried, 'INV-9')}/log.jsonl").splitlines()
    rows = InvoiceLog.objects.order_by("sequence")
    assert [json.loads(line)["entry_hash"] for line in lines] == [row.entry_hash for row in rows]
    words = [json.loads(line)["content"]["status"] for line in lines]
    assert words == ["ERROR", "SUBMITTED", "CLEARED"]


def test_documents_outside_the_range_keep_their_place_in_the_chain(issue, these_days, tmp_path):
    for number in ("INV-1", "S-2", "INV-3"):
        issue(number)
    Invoice.objects.filter(invoice_number="S-2").update(issued_at="2026-01-01T00:00:00Z")
    path = archive_of(these_days, tmp_path / "archive.zip")
    assert said(path) == []
    chain = next(name for name in names(path) if name.startswith("chains/"))
    with zipfile.ZipFile(path) as archive:
        links = [json.loads(line) for line in archive.read(chain).splitlines()]
    assert [link["icv"] for link in links] == [1, 2, 3]
    assert links[1]["path"] not in names(path)


def test_what_is_no_archive(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK no")
    with pytest.raises(NoArchive):
        open_archive(tmp_path / "x.zip")
    [(_, code)] = report(tmp_path / "absent.zip", None)
    assert code == 2


def test_an_auditor_needs_neither_django_nor_a_database(archived, tmp_path):
    key = tmp_path / "key"
    key.write_text(settings.AUDIT_KEY)
    arguments = ["-m", "invoicing.verification.archives", archived, "--audit-key-file", key]
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={}, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("3 invoices in 19 files: every file, chain, hash and stamp holds")


@pytest.mark.parametrize(
    "damage",
    [
        lambda manifest: manifest.update(counts=[]),
        lambda manifest: manifest["chains"][0].pop("last_icv"),
        lambda manifest: manifest["chains"][0].update(last_icv="three"),
        lambda manifest: manifest["chains"][0].update(certificate="n"),
        lambda manifest: manifest["chains"][0].update(path=["chains"]),
    ],
    ids=["counts", "no last ICV", "a word for it", "no base64", "a list for a path"],
)
def test_a_damaged_manifest_is_told_and_stops_nothing(archived, damage):
    def damaged(content: dict[str, bytes]) -> dict[str, bytes]:
        manifest = json.loads(content["manifest.json"])
        damage(manifest)
        return {**content, "manifest.json": json.dumps(manifest).encode()}

    assert any("cannot be read to its end" in one for one in said(rewritten(archived, damaged)))
