"""How a program follows a job, and what it may not see."""

import pytest

from config.jobs import services
from tests.conftest import client_of


@pytest.fixture
def done(ask):
    def run(work):
        work.expect(1)
        work.open_file("made.zip").write(b"PK")
        work.did()

    job = ask(run)
    services.run_next()
    return job


def test_progress_then_links_to_the_file(api, ask):
    job = ask(lambda work: work.open_file("made.zip").write(b"PK"))
    page = f"/api/v1/jobs/{job.pk}"

    waiting = api.get(page).json()
    services.run_next()
    done = api.get(page).json()

    assert (waiting["state"], waiting["percent"], waiting["file"]) == ("QUEUED", 0, None)
    assert waiting["links"] == {"self": page, "file": None, "cancel": f"{page}/cancel"}
    assert (done["state"], done["percent"]) == ("DONE", 100)
    assert done["links"] == {"self": page, "file": f"{page}/file", "cancel": None}
    assert (done["file"]["name"], done["file"]["size"]) == ("made.zip", 2)


def test_the_file_is_streamed_whole(api, done):
    answer = api.get(f"/api/v1/jobs/{done.pk}/file")
    assert (answer.status_code, answer.streaming) == (200, True)
    assert b"".join(answer.streaming_content) == b"PK"
    assert answer["Content-Disposition"] == 'attachment; filename="made.zip"'
    assert answer["Content-Length"] == "2"


def test_before_its_end_there_is_no_file(api, ask):
    job = ask(lambda work: None)
    answer = api.get(f"/api/v1/jobs/{job.pk}/file")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "job_has_no_file")


def test_a_pruned_file_is_gone(api, done):
    services.prune(done.created_at.replace(year=2100))
    answer = api.get(f"/api/v1/jobs/{done.pk}/file")
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "job_file_expired")


def test_cancel_once(api, ask):
    page = f"/api/v1/jobs/{ask(lambda work: None).pk}/cancel"
    first, second = api.post(page), api.post(page)
    assert (first.status_code, first.json()["state"]) == (200, "CANCELLED")
    assert (second.status_code, second.json()["error"]["code"]) == (409, "job_has_ended")


@pytest.mark.parametrize("action", ["", "/file"])
def test_another_tenants_job_is_as_absent(foreign_api, done, action):
    assert foreign_api.get(f"/api/v1/jobs/{done.pk}{action}").status_code == 404
    assert foreign_api.post(f"/api/v1/jobs/{done.pk}/cancel").status_code == 404


def test_the_permission_is_that_of_the_kind(najd, done):
    reader = client_of(najd, "invoices:read", "invoices:write")
    answer = reader.get(f"/api/v1/jobs/{done.pk}/file")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")
