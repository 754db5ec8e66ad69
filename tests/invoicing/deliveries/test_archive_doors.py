"""The archive through the API and the commands."""

from io import BytesIO, StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config.jobs import services
from config.jobs.models import Job
from invoicing.management.commands import export_archive
from invoicing.services import bulk
from invoicing.verification.archives import open_archive
from tests.conftest import client_of
from tests.invoicing.deliveries.conftest import refused
from tests.invoicing.traces import URL

ARCHIVE = f"{URL}/archive"


def run(*arguments) -> tuple[list[str], int]:
    out = StringIO()
    try:
        call_command(*map(str, arguments), stdout=out)
    except CommandError as error:
        return [*out.getvalue().splitlines(), str(error)], error.returncode
    return out.getvalue().splitlines(), 0


def test_a_job_makes_an_archive_that_holds(api, issue, these_days):
    issue("INV-1")
    said = {"from": these_days.first.isoformat(), "to": these_days.last.isoformat()}
    answer = api.post(ARCHIVE, {**said, "unit": "till-1"})
    assert answer.status_code == 202
    services.run_next()
    job = api.get(answer["Location"]).json()
    assert (job["kind"], job["state"], job["total"], job["done"]) == ("archive", "DONE", 1, 1)
    content = b"".join(api.get(job["links"]["file"]).streaming_content)
    archive = open_archive(BytesIO(content))
    assert list(archive.findings(settings.AUDIT_KEY)) == []
    assert archive.manifest["range"] == {**said, "unit": "till-1"}


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "required", "from"),
        ({"from": "2026-02-30", "to": "2026-03-01"}, "invalid", "from"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "bad_range", "to"),
        ({"from": "2026-03-01", "to": "2026-03-01", "unit": "x"}, "unknown_unit", "unit"),
        ({"from": "2001-03-01", "to": "2001-03-01"}, "nothing_chosen", "from"),
    ],
)
def test_what_makes_no_archive(api, unit, body, code, param):
    assert refused(api.post(ARCHIVE, body)) == (400, code, param)
    assert not Job.objects.exists()


def test_the_ends_of_the_calendar_include_everything(api, issue, these_days):
    issue("INV-1")
    ends = {"from": "0001-01-01", "to": "9999-12-31"}
    assert api.post(ARCHIVE, ends).status_code == 202
    services.run_next()
    job = Job.objects.get()
    assert (job.state, job.done, job.failed) == ("DONE", 1, 0)
    for nowhere in ("0001-01-01", "9999-12-31"):
        answer = refused(api.post(ARCHIVE, {"from": nowhere, "to": nowhere}))
        assert answer == (400, "nothing_chosen", "from")


def test_a_pdf_that_fails_is_counted_and_told(api, issue, these_days, monkeypatch):
    issue("S-1"), issue("S-2")
    real = bulk.render_pdf
    broken = lambda invoice: 1 // 0 if invoice.invoice_number == "S-1" else real(invoice)  # noqa: E731
    monkeypatch.setattr(bulk, "render_pdf", broken)
    days = {"from": these_days.first.isoformat(), "to": these_days.last.isoformat()}
    where = api.post(ARCHIVE, days)["Location"]
    services.run_next()
    job = api.get(where).json()
    assert (job["state"], job["done"], job["failed"]) == ("DONE", 2, 1)
    assert [(note["subject"], note["code"]) for note in job["notes"]] == [("S-1", "not_printed")]
    content = b"".join(api.get(job["links"]["file"]).streaming_content)
    assert open_archive(BytesIO(content)).manifest["counts"]["not_printed"] == 1


def test_it_needs_the_right_to_export(najd):
    clerk = client_of(najd, "invoices:read", "invoices:write")
    response = clerk.post(ARCHIVE, {"from": "2026-01-01", "to": "2026-12-31"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "insufficient_scope")


def test_the_commands_write_and_verify(issue, najd, these_days, tmp_path):
    issue("INV-1")
    out, key = tmp_path / "a.zip", tmp_path / "key"
    key.write_text(settings.AUDIT_KEY + "\n")
    days = ("--from", these_days.first, "--to", these_days.last)

    lines, code = run("export_archive", "--tenant", najd.pk, *days, "--out", out)
    assert (code, lines[0]) == (0, f"1 invoice in 8 files: {out}")
    assert run("verify_archive", out, "--audit-key-file", key)[1] == 0

    key.write_text("another key")
    lines, code = run("verify_archive", out, "--audit-key-file", key)
    assert (code, lines[-1]) == (1, "2 findings: this archive does not hold.")
    out.write_bytes(b"no zip")
    assert run("verify_archive", out)[1] == 2


def test_an_export_that_breaks_leaves_no_file(issue, najd, these_days, tmp_path, monkeypatch):
    def broken(file, asked, told):
        file.write(b"half")
        raise RuntimeError("the power went")

    issue("S-1")
    monkeypatch.setattr(export_archive, "write_archive", broken)
    days = ("--from", these_days.first, "--to", these_days.last)
    with pytest.raises(RuntimeError):
        run("export_archive", "--tenant", najd.pk, *days, "--out", tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_is_2_and_leaves_no_file(najd, tmp_path):
    out = tmp_path / "a.zip"
    days = ("--from", "2026-01-02", "--to", "2026-01-01")
    assert run("export_archive", "--tenant", najd.pk, *days, "--out", out)[1] == 2
    days = ("--from", "2026-01-01", "--to", "2026-01-01")
    assert run("export_archive", "--tenant", najd.pk, *days, "--out", out)[1] == 2
    assert run("export_archive", "--tenant", 987, *days, "--out", out)[1] == 2
    assert list(tmp_path.iterdir()) == []
