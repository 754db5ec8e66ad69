"""Invoices that went over the wire, and archives of them."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from invoicing.models import Invoice
from invoicing.services.archiving import Range, range_of, write_archive
from invoicing.verification.archives import open_archive
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.traces import URL

TODAY = timezone.now()


@pytest.fixture
def issue(api, unit, zatca) -> Callable[..., Invoice]:
    """Post an invoice; with `fault`, its first delivery meets one."""

    def issue(number: str, *, fault: str = "", **changes) -> Invoice:
        if fault:
            zatca.control.script(number, delivery=1, fault=fault)
        make = simplified if number.startswith("S") else standard
        api.post(URL, make(number, **changes))
        return Invoice.objects.get(invoice_number=number)

    return issue


@pytest.fixture
def these_days(najd) -> Range:
    """Yesterday to tomorrow."""
    day = timedelta(days=1)
    return range_of(najd, (TODAY - day).date(), (TODAY + day).date())


@pytest.fixture
def three(issue, these_days, tmp_path) -> Path:
    """An archive of three documents: cleared, reported and rejected."""
    issue("INV-1"), issue("S-2"), issue("INV/3", fault="reject")
    return archive_of(these_days, tmp_path / "archive.zip")


@pytest.fixture
def archived(_units, _archives, request, tmp_path) -> Path:
    """A copy of such an archive; made once, since checking it needs no database."""
    return _copy(_archives, "three", request, tmp_path)


@pytest.fixture
def archive_with_retry(_units, _archives, request, tmp_path) -> Path:
    """A copy of an archive of INV-9, with a log of three entries: ERROR, RETRY, CLEARED."""
    return _copy(_archives, "retried", request, tmp_path)


@pytest.fixture
def retried(issue, api, these_days, tmp_path) -> Path:
    invoice = issue("INV-9", fault="error_503_before")
    api.post(f"{URL}/{invoice.pk}/retry")
    return archive_of(these_days, tmp_path / "archive.zip")


@pytest.fixture(scope="module")
def _archives() -> dict[str, bytes]:
    return {}


def _copy(made: dict[str, bytes], name: str, request, tmp_path: Path) -> Path:
    if name not in made:
        made[name] = request.getfixturevalue(name).read_bytes()
    path = tmp_path / "copy.zip"
    path.write_bytes(made[name])
    return path


def refused(response) -> tuple[int, str, str | None]:
    """Status, and code and field of the first thing that is wrong."""
    error = response.json()["error"]
    first = error["errors"][0] if error["errors"] else error
    return response.status_code, first["code"], first["param"] or None


def archive_of(asked: Range, path: Path) -> Path:
    with path.open("wb") as file:
        write_archive(file, asked)
    return path


def rewritten(path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Path:
    """A copy of the archive with other content, as whoever tampers with it would make it."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    copy = path.with_name("tampered.zip")
    with zipfile.ZipFile(copy, "w") as archive:
        for name, data in change(content).items():
            archive.writestr(name, data)
    return copy


def said(path: Path, key: str | None = None) -> list[str]:
    return [str(finding) for finding in open_archive(path).findings(key)]


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def folder(path: Path, number: str) -> str:
    """Where the files of an invoice lie, found by the end of the folder's name."""
    [found] = [name for name in names(path) if name.endswith(f"-{number}/invoice.json")]
    return found.removesuffix("/invoice.json")


def relisted(content: dict[str, bytes], **manifest_says) -> dict[str, bytes]:
    """Make list and manifest fit the content again, as whoever has no key would."""
    inside = {name: data for name, data in content.items() if name[0] in "ic"}
    lines = [
        json.dumps(
            {"path": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)},
            separators=(",", ":"),
        )
        for name, data in inside.items()
    ]
    listed = "".join(f"{line}\n" for line in lines).encode()
    manifest = json.loads(content["manifest.json"]) | manifest_says
    manifest["files_sha256"] = hashlib.sha256(listed).hexdigest()
    logs = [data for name, data in inside.items() if name.endswith("/log.jsonl")]
    manifest["counts"] |= {"files": len(lines), "log_entries": b"".join(logs).count(b"\n")}
    for kind, end in (("sealed", "/sealed.xml"), ("pdfs", "/document.pdf")):
        manifest["counts"][kind] = sum(name.endswith(end) for name in inside)
    return {**inside, "files.jsonl": listed, "manifest.json": json.dumps(manifest).encode()}
