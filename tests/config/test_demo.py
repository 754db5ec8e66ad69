"""The demo's own parts; the whole of it checks itself: `DEMO_SERVE=0 make demo`."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import demo, demo_ends
from config.demo import Household
from config.demo_ends import Sealed
from config.demo_wire import Authority, Told, Trouble
from invoicing.sandbox import StandIn


@pytest.fixture
def house(tmp_path):
    with Household(tmp_path) as running:
        yield running


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that nobody has collected yet does not."""
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_it_imports_nothing_of_what_it_shows():
    look = (
        "import sys, config.demo; print([name for name in sys.modules"
        " if name.split('.')[0] in ('django', 'invoicing') or name == 'config.settings'])"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


STUBBORN = """
import os, signal, time
child = os.fork()
if not child:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
def test_children_of_children_end_too(tmp_path):
    with Household(tmp_path) as house:
        house.start("stubborn", "-c", STUBBORN)
        pid = int(house.wait_for("child", house.log("stubborn").read_text))
        assert is_alive(pid)
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)


def test_ctrl_c_works_again_afterwards(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    with Household(tmp_path):
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_a_process_that_ends_is_told_with_its_last_words(house):
    house.start("web", "-c", "raise SystemExit('the port is gone')")
    with pytest.raises(Trouble, match=r"The web ended with 1\. Its log ends: the port is gone"):
        house.wait_for("web", lambda: None)


def test_what_takes_too_long_is_told(house, monkeypatch):
    monkeypatch.setattr(demo, "READY_WITHIN", 0.2)
    with pytest.raises(Trouble, match=r"The site was not ready within 0\.2 s"):
        house.wait_for("site", lambda: False)


def test_a_command_that_fails_is_told_with_its_last_words(house):
    with pytest.raises(Trouble, match=r"manage\.py no_such_command failed: "):
        house.run("no_such_command")


def test_settings_of_the_caller_do_not_leak_in(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    assert "DATABASE_URL" not in Household(tmp_path).environment
    assert Household(tmp_path).environment["PATH"] == os.environ["PATH"]


def test_a_busy_port_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind((demo.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            Trouble, match=rf"^Port {port} of 127\.0\.0\.1 cannot be had .*DEMO_PORT"
        ):
            demo._free_port(str(port))
    assert demo._free_port(str(port)) == port


@pytest.mark.parametrize("text", ["abc", "", "-1", "70000"])
def test_what_is_no_port_is_told(text):
    with pytest.raises(Trouble, match="is no port"):
        demo._free_port(text)


def test_the_folder_is_wiped_and_nobody_else_has_it(tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "old").touch()
    with demo._own_folder(folder):
        assert list(folder.iterdir()) == []
        with pytest.raises(Trouble, match="Another demo"), demo._own_folder(folder):
            pass
    with demo._own_folder(folder):
        assert folder.is_dir()


@pytest.mark.parametrize(
    ("code", "body", "word"),
    [
        (201, {"id": 1, "status": "CLEARED", "zatca_status": "REPORTED"}, "201 REPORTED"),
        (201, {"id": 1, "status": "REJECTED", "zatca_status": "NOT_CLEARED"}, "201 REJECTED"),
        (500, {"error": {"code": "zatca_timeout", "invoice": {"status": "FAILED"}}}, "500 FAILED"),
        (409, {"error": {"code": "duplicate_invoice"}}, "409 duplicate_invoice"),
    ],
)
def test_what_an_answer_says(code, body, word):
    assert Told(code, body).word == word


def document(icv: int, pih: str, own: str, **more) -> dict:
    """A row as the authority lists it."""
    return {
        "uuid": f"uuid-{icv}",
        "number": f"DEMO-{icv}",
        "icv": icv,
        "pih": pih,
        "invoice_hash": own,
        "accepted": True,
        "csid": "1",
        **more,
    }


HELD = [document(1, "zero", "first"), document(2, "first", "second")]


def findings(here: list[dict], held: list[dict]) -> list[str]:
    with StandIn(None) as running:
        return list(
            demo_ends._chain_findings(
                {row["uuid"]: Sealed.of(row) for row in here},
                {row["uuid"]: row for row in held},
                Authority(running.base_url()),
            )
        )


def test_two_ends_that_agree_leave_nothing_to_say():
    assert findings(HELD, HELD) == []


@pytest.mark.parametrize(
    ("here", "said"),
    [
        (HELD[:1], ["the two ends do not hold the same documents"]),
        (
            [HELD[0], document(2, "first", "second", accepted=False)],
            ["the two ends do not hold the same documents"],
        ),
        (
            [HELD[0], document(3, "first", "second")],
            ["the two ends do not hold the same documents", "the ICVs here are [1, 3]"],
        ),
        (
            [HELD[0], document(2, "other", "second")],
            [
                "the two ends do not hold the same documents",
                "the PIH of ICV 2 is not the hash of ICV 1",
            ],
        ),
    ],
    ids=["lost here", "other verdict", "gap", "broken link"],
)
def test_two_ends_that_differ_are_told(here, said):
    assert findings(here, HELD) == said
