"""An archive (`services.archiving`, docs/archive.md) checked offline, without a database.

Needs this checkout, lxml, cryptography and signxml, and no Django:

    python -m invoicing.verification.archives FILE.zip [--audit-key-file KEY]

What is found is named, file by file. Without the audit key: every file against the manifest,
nothing missing, added or moved; every chain's ICV and PIH; every invoice hash and stamp, from the
bytes; what manifest and invoice.json claim of them (claims.py); how the log entries link up. With
it: that manifest and log entries were written by whoever holds the key.
"""

import argparse
import hashlib
import hmac
import json
import re
import sys
import zipfile
import zlib
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.xml import XMLRefused
from invoicing.judge import StampBroken, verify_stamp
from invoicing.verification.claims import Claims
from invoicing.verification.stated import stated
from invoicing.zatca.hashing import FIRST_PIH, invoice_hash

FORMAT = "daftar-archive/1"
FILES, MANIFEST = "files.jsonl", "manifest.json"
GENESIS = "0" * 64
PIECE = 1_048_576
# Larger than any file that Daftar writes in one piece: an archive is somebody else's file.
LARGEST = 64 * 1_048_576
# An entry is the very text that was hashed, with its hash put between content and previous_hash.
ENTRY = re.compile(
    rb'(,"entry_hash":"([0-9a-f]{64})")(,"previous_hash":"([0-9a-f]{64})","sequence":(\d+)\})\Z'
)
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class NoArchive(Exception):
    """The file is no archive of ours, or its manifest cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one file of the archive."""

    path: str
    said: str

    def __str__(self) -> str:
        return f"{self.path}: {self.said}"


def open_archive(path: Path) -> "Archive":
    """The archive in a file. Raises NoArchive."""
    try:
        file = zipfile.ZipFile(path)
        manifest = json.loads(file.read(MANIFEST))
        if manifest["format"] != FORMAT:
            raise NoArchive(f"its format is {manifest['format']!r}, not {FORMAT}")
        _ = (manifest["files_sha256"], manifest["counts"], manifest["hmac"], manifest["tenant"])
        _ = [(c["path"], c["certificate"], c["first_icv"], c["head"]) for c in manifest["chains"]]
    except (*BROKEN, KeyError, TypeError, ValueError) as error:
        raise NoArchive(f"it cannot be read: {error}") from error
    return Archive(file, manifest)


def _readable(path: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings, and one more where something of another kind stands than an archive of ours
    has there: whoever damages an archive must not stop its being checked.
    """
    try:
        yield from findings
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        yield Finding(path, f"it cannot be read to its end: {error}")


class Archive:
    """An opened archive. Files are read one at a time, and only the list of names is kept."""

    def __init__(self, file: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        self._file = file
        self.manifest = manifest

    def findings(self, audit_key: str | None = None) -> Iterator[Finding]:
        """Everything that is wrong, in the order of the archive; nothing where it holds."""
        if audit_key is not None:
            yield from self._manifest_findings(audit_key)
        claims = Claims(self.manifest)
        yield from _readable(FILES, self._file_findings(claims))
        for chain in self.manifest["chains"]:
            yield from _readable(str(chain["path"]), self._chain_findings(chain))
        yield from _readable(MANIFEST, self._log_findings(audit_key))
        yield from _readable(MANIFEST, self._stray_documents())
        yield from _readable(MANIFEST, self._claim_findings(claims))

    # --- The list of files -----------------------------------------------------------------------

    def _manifest_findings(self, audit_key: str) -> Iterator[Finding]:
        rest = {name: value for name, value in self.manifest.items() if name != "hmac"}
        # The canonical text of config.json, which for texts, whole numbers and null is this.
        text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if not hmac.compare_digest(_keyed(audit_key, text.encode()), str(self.manifest["hmac"])):
            yield Finding(MANIFEST, "it was not written with this audit key, or was changed")

    def _file_findings(self, claims: Claims) -> Iterator[Finding]:
        there = self._file.namelist()
        for name, times in Counter(there).items():
            if times > 1:
                yield Finding(name, "it is in the archive more than once")
        digest, listed = hashlib.sha256(), []
        for number, line in enumerate(self._lines(FILES), 1):
            digest.update(line)
            try:
                said = json.loads(line)
                path, size, sha256 = said["path"], said["size"], said["sha256"]
            except (ValueError, KeyError, TypeError):
                yield Finding(FILES, f"line {number} cannot be read")
                continue
            claims.file(path)
            listed.append(path)
            yield from self._one_file(path, size, sha256)
        if digest.hexdigest() != self.manifest["files_sha256"]:
            yield Finding(FILES, "the list is not the one that the manifest names")
        yield from _order_findings(there, [*listed, FILES, MANIFEST])

    def _one_file(self, path: str, size: int, sha256: str) -> Iterator[Finding]:
        try:
            found_size, found = self._digest(path)
        except KeyError:
            yield Finding(path, "it is missing")
        except BROKEN as error:
            yield Finding(path, f"it was changed: {error}")
        else:
            if (found_size, found) != (size, sha256):
                yield Finding(path, "it was changed: its SHA-256 is not the listed one")

    def _digest(self, path: str) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        with self._file.open(path) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                size += len(piece)
        return size, digest.hexdigest()

    # --- Chains of documents ---------------------------------------------------------------------

    def _chain_findings(self, chain: dict[str, Any]) -> Iterator[Finding]:
        path, expected, count = chain["path"], chain["first_icv"], 0
        # Of the document before the first one here only its hash is known, from the first PIH.
        previous = FIRST_PIH if expected == 1 else None
        certificate = b64decode(chain["certificate"])
        for link in self._links(path):
            place = f"ICV {link['icv']}"
            if link["icv"] != expected:
                yield Finding(path, f"{place} stands where ICV {expected} should")
            if previous is not None and link["pih"] != previous:
                yield Finding(path, f"{place}: its PIH is not the hash of the document before it")
            yield from self._document_findings(link, certificate)
            expected, previous, count = link["icv"] + 1, link["hash"], count + 1
        if count != chain["documents"]:
            yield Finding(path, f"the manifest counts {chain['documents']} here, and {count} are")
        if expected != chain["last_icv"] + 1:
            yield Finding(path, f"it ends before ICV {chain['last_icv']}")
        elif previous != chain["head"]:
            yield Finding(path, "its last hash is not the head that the manifest names")

    def _links(self, path: str) -> Iterator[dict[str, Any]]:
        for line in self._lines(path):
            try:
                link = json.loads(line)
                _ = (link["icv"] + 1, link["pih"], link["hash"], link["uuid"], link["path"])
            except (ValueError, KeyError, TypeError):
                return
            yield link

    def _document_findings(self, link: dict[str, Any], certificate: bytes) -> Iterator[Finding]:
        path = link["path"]
        xml = self._read(path)
        if xml is None:  # of another range, or missing, which the list of files says
            return
        at = datetime.fromisoformat(link["sealed_at"]) if link.get("sealed_at") else None
        for said in _sealed_findings(xml, link, certificate, at):
            yield Finding(path, said)
        cleared_path = path.removesuffix("sealed.xml") + "cleared.xml"
        cleared = self._read(cleared_path)
        if cleared is not None:
            for said in _cleared_findings(cleared, link, at):
                yield Finding(cleared_path, said)

    def _stray_documents(self) -> Iterator[Finding]:
        """Sealed documents that no chain knows."""
        linked = {
            link["path"] for chain in self.manifest["chains"] for link in self._links(chain["path"])
        }
        for name in self._file.namelist():
            if name.endswith("/sealed.xml") and name not in linked:
                yield Finding(name, "no chain of the archive has this document")

    # --- What manifest and invoices claim --------------------------------------------------------

    def _claim_findings(self, claims: Claims) -> Iterator[Finding]:
        for name in self._file.namelist():
            if name.startswith("invoices/") and name.endswith("/invoice.json"):
                yield from _readable(name, self._invoice_findings(name, claims))
            elif name.endswith("/log.jsonl"):
                claims.counts["log_entries"] += sum(1 for _ in self._lines(name))
        for said in claims.findings():
            yield Finding(MANIFEST, said)

    def _invoice_findings(self, path: str, claims: Claims) -> Iterator[Finding]:
        folder, facts = path.removesuffix("/invoice.json"), json.loads(self._read(path) or b"")
        for said in claims.invoice_findings(folder, facts, self._read):
            yield Finding(path, said)

    # --- Logs ------------------------------------------------------------------------------------

    def _log_findings(self, audit_key: str | None) -> Iterator[Finding]:
        for name in self._file.namelist():
            if name.startswith("invoices/") and name.endswith("/log.jsonl"):
                said = self._first_break(name, audit_key)
                if said is not None:
                    yield Finding(name, said)

    def _first_break(self, path: str, audit_key: str | None) -> str | None:
        previous, expected = GENESIS, 1
        for line in self._lines(path):
            found = ENTRY.search(line.rstrip(b"\n"))
            if found is None:
                return f"entry {expected} cannot be read"
            mine, before, sequence = found[2].decode(), found[4].decode(), int(found[5])
            if sequence != expected:
                return f"entry {expected} is missing"
            if before != previous:
                return f"entry {sequence} does not follow the entry before it"
            hashed = line[: found.start(1)] + found[3]
            if audit_key is not None and not hmac.compare_digest(_keyed(audit_key, hashed), mine):
                return f"entry {sequence} was changed"
            previous, expected = mine, expected + 1
        return self._end_of_log(path, expected - 1, previous)

    def _end_of_log(self, path: str, count: int, head: str) -> str | None:
        facts = self._read(path.removesuffix("log.jsonl") + "invoice.json")
        try:
            said = json.loads(facts or b"")
            if (said["log_count"], said["log_head"]) != (count, head):
                return f"it ends with entry {count}; the invoice names entry {said['log_count']}"
        except (ValueError, KeyError, TypeError):
            return "the invoice beside it cannot be read"
        return None

    # --- Reading ---------------------------------------------------------------------------------

    def _read(self, path: str) -> bytes | None:
        try:
            with self._file.open(path) as file:
                return file.read(LARGEST)
        except (KeyError, *BROKEN):
            return None

    def _lines(self, path: str) -> Iterator[bytes]:
        try:
            with self._file.open(path) as file:
                while line := file.readline(LARGEST):
                    yield line
        except (KeyError, *BROKEN):
            return  # the list of files says that it is missing or was changed


def _sealed_findings(
    xml: bytes, link: dict[str, Any], certificate: bytes, at: datetime | None
) -> Iterator[str]:
    try:
        recomputed, says = invoice_hash(xml), stated(xml)
    except XMLRefused:
        yield "it is no document"
        return
    if recomputed != link["hash"]:
        yield "the hash of its bytes is not the one in the chain"
    for name, said in (("ICV", str(link["icv"])), ("PIH", link["pih"]), ("UUID", link["uuid"])):
        if getattr(says, name.lower()) != said:
            yield f"its {name} is not the one in the chain"
    try:
        verify_stamp(xml, certificate_der=certificate, at=at)
    except StampBroken as broken:
        yield f"its stamp does not hold: {broken}"


def _cleared_findings(xml: bytes, link: dict[str, Any], at: datetime | None) -> Iterator[str]:
    try:
        if invoice_hash(xml) != link["hash"]:
            yield "it is the cleared version of another document"
        # The authority's certificate is the one inside: this proves integrity, not identity.
        verify_stamp(xml, at=at)
    except XMLRefused:
        yield "it is no document"
    except StampBroken as broken:
        yield f"the authority's stamp does not hold: {broken}"


def _order_findings(there: list[str], listed: list[str]) -> Iterator[Finding]:
    known, present = set(listed), set(there)
    for name in there:
        if name not in known:
            yield Finding(name, "it was added: the list of files does not have it")
    expected = [name for name in listed if name in present]
    for name, wanted in zip([name for name in there if name in known], expected, strict=False):
        if name != wanted:
            yield Finding(name, f"it was moved: {wanted} should stand here")
            return


def _keyed(audit_key: str, text: bytes) -> str:
    return hmac.new(audit_key.encode(), text, hashlib.sha256).hexdigest()


def main(arguments: list[str]) -> int:
    """Print every finding; 0 where the archive holds, 1 where it does not, 2 where it is none."""
    parser = argparse.ArgumentParser(description="Check an archive for an auditor, offline.")
    add_arguments(parser)
    asked = parser.parse_args(arguments)
    code = 0
    for line, so_far in report(asked.file, asked.audit_key_file):
        sys.stdout.write(f"{line}\n")
        code = so_far
    return code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two arguments, here and for `manage.py verify_archive`."""
    parser.add_argument("file", type=Path, metavar="FILE.zip")
    parser.add_argument(
        "--audit-key-file",
        type=Path,
        metavar="KEY",
        help="a file with the audit key: manifest and log entries are checked with it, too",
    )


def report(file: Path, audit_key_file: Path | None) -> Iterator[tuple[str, int]]:
    """Lines to print, each with the exit code as it stands: 0, 1 or 2. The last one counts."""
    try:
        key = audit_key_file.read_text().strip() if audit_key_file else None
        archive = open_archive(file)
    except (NoArchive, OSError, UnicodeDecodeError) as error:
        yield f"{file}: {error}", 2
        return
    found = 0
    for finding in archive.findings(key):
        found += 1
        yield str(finding), 1
    if found:
        yield f"{found} finding{'s' if found > 1 else ''}: this archive does not hold.", 1
    else:
        yield summary(archive.manifest, with_key=key is not None), 0


def summary(manifest: dict[str, Any], *, with_key: bool) -> str:
    """One sentence about an archive that holds."""
    counts = manifest["counts"]
    proved = (
        "manifest and log entries hold under the audit key"
        if with_key
        else (
            "log entries link up; without the audit key nobody can say that they were not rewritten"
        )
    )
    return (
        f"{counts.get('invoices', 0)} invoices in {counts.get('files', 0)} files: every file, "
        f"chain, hash and stamp holds; {proved}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
