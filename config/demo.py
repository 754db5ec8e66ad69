"""`make demo`: the whole house from nothing, e-invoices all the way, both ends compared.

It drives processes and HTTP and imports nothing else of Daftar's, so that what it shows is what any
client would see. All it makes lives in `var/demo`, which it wipes first. Exit code 0 where all was
as expected. Environment: DEMO_PORT (8000); DEMO_SERVE=0 ends after the tables.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from rich.console import Console

from config.demo_books import keep_books
from config.demo_ends import compare
from config.demo_policies import PASSWORD, StandIn, bind_policies, write_down
from config.demo_story import tell
from config.demo_wire import Authority, Office, Trouble

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "demo"
HOST = "127.0.0.1"
USERNAME, UNIT = "demo", "till-1"
COMPANY, VAT_NUMBER = "شركة نجد للتجارة | Najd Trading", "399999999900003"
REGISTRATION = {
    "organization_name": COMPANY,
    "organization_unit": "Riyadh",
    "id_number": "1010010000",
    "street": "طريق الملك فهد | King Fahd Road",
    "building_number": "2322",
    "district": "العليا | Olaya",
    "city": "الرياض | Riyadh",
    "postal_code": "12214",
    "business_category": "Trade",
}
READY_WITHIN, STOP_WITHIN = 60, 8  # seconds
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What any program needs; settings of the caller's own house must not leak in.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
VERIFIED = (
    ("verify_chain", "--stamps"),
    ("seal_logs",),
    ("verify_log",),
    ("verify_ledger",),
    ("ims_check",),
)
GUNICORN = ("-m", "gunicorn", "config.wsgi:application", "--worker-class", "gthread")


class Household:
    """The processes of the demo, each in a group of its own; all of them end on leaving."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        # Somebody who presses Ctrl-C once more must not leave half of it running.
        before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDS}
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()
        for number, handler in before.items():
            signal.signal(number, handler)

    def start(self, name: str, *command: str) -> None:
        """Start a process that stays; what it says goes to `<name>.log`."""
        with self.log(name).open("wb") as log:
            self._running[name] = self._popen(command, stdout=log, stderr=log)

    def run(self, name: str, *arguments: str) -> str:
        """What management command `name` printed; Trouble with its last line if it fails."""
        command = ("manage.py", name, *arguments)
        process = self._popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._running[name] = process
        out, err = (text.decode(errors="replace").strip() for text in process.communicate())
        del self._running[name]
        if process.returncode:
            raise Trouble(f"manage.py {name} failed: {_last_line(err or out)}")
        return out

    def check(self) -> None:
        """Raise Trouble if a process that should stay has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                said = _last_line(self.log(name).read_text(errors="replace"))
                raise Trouble(f"The {name} ended with {process.returncode}. Its log ends: {said}")

    def wait_for(self, what: str, look: Callable[[], Any]) -> Any:
        """The first true value of `look`; Trouble where it takes too long or a process ends."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            self.check()
            if found := look():
                return found
            time.sleep(0.1)
        raise Trouble(f"The {what} was not ready within {READY_WITHIN} s; see {self.folder}.")

    def log(self, name: str) -> Path:
        """Where a process of this name writes."""
        return self.folder / f"{name}.log"

    def _popen(self, command: tuple[str, ...], **streams: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            # Ctrl-C in the terminal is for this process, which then ends the others in order.
            start_new_session=True,
            **streams,
        )


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _last_line(text: str) -> str:
    return text.strip().rsplit("\n", 1)[-1] or "it said nothing"


def main() -> int:
    """Run the demo; the exit code."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=110)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        return _demo(console)
    except Trouble as trouble:
        console.print(f"[red]demo:[/] {trouble}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def _demo(console: Console) -> int:
    port = _free_port(os.environ.get("DEMO_PORT", "8000"))
    serve = os.environ.get("DEMO_SERVE", "1") != "0"
    with _own_folder(HOME), Household(HOME) as house:
        console.print(f"[bold]Daftar[/], from nothing, in {HOME.relative_to(ROOT)}")
        office, authority, password = furnish(house, console, port)
        ims = furnish_policies(house, console)
        as_expected = tell(console, office, authority)
        as_expected &= compare(console, office, authority)
        as_expected &= keep_books(console, office)
        as_expected &= bind_policies(console, office, ims, house.run, house.folder)
        as_expected &= _verify(house, console)
        if not as_expected:
            console.print("[red bold]Not everything was as expected.[/]")
            return 1
        if serve:
            _invite(console, office, authority, ims, password)
            _stay(house, console)
        return 0


def _free_port(text: str) -> int:
    try:
        port = int(text)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except (ValueError, OverflowError):
        raise Trouble(f"DEMO_PORT is {text!r}, which is no port.") from None
    except OSError as error:
        raise Trouble(
            f"Port {port} of {HOST} cannot be had ({error.strerror}). "
            "End what listens there, or choose another: make demo DEMO_PORT=8001"
        ) from None
    return port


@contextmanager
def _own_folder(folder: Path) -> Iterator[None]:
    """An empty folder that no second demo takes away meanwhile."""
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble("Another demo of this checkout is running; end it first.") from None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield


def furnish(house: Household, console: Console, port: int) -> tuple[Office, Authority, str]:
    """Authority, database, tenant, web, worker, unit; and the clients and password for them."""
    house.environment |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DAFTAR_DATA": str(house.folder),
        "DAFTAR_GENERATE_SECRETS": "1",
        "PYTHONUNBUFFERED": "1",
        # The invoice whose answer is lost is to be retried by hand, not by the worker.
        "ZATCA_FIRST_RESEND": "600",
    }
    with _step(console, "database migrated, append-only triggers installed"):
        # The authority first, since it is ready by the time the database is.
        store = str(house.folder / "authority.sqlite3")
        house.start("authority", "manage.py", "zatca_sandbox", "--port", "0", "--store", store)
        house.run("migrate", "--verbosity", "0")
    with _step(console, "stand-in tax authority listens on loopback"):
        base = house.wait_for("authority", lambda: _first_url(house.log("authority")))
        house.environment["ZATCA_SANDBOX_URL"] = base
    with _step(console, "tenant Najd Trading (SANDBOX) with an owner and an API key"):
        tenant = json.loads(_create_tenant(house))
    with _step(console, f"web and worker run, site ready at http://{HOST}:{port}"):
        _start_web_and_worker(house, port)
        office = Office(f"http://{HOST}:{port}", tenant["api_key"])
        house.wait_for("site", office.is_ready)
    with _step(console, f"EGS unit {UNIT} onboarded: key, CSR, 6 compliance documents, CSID"):
        registration = house.folder / "unit.json"
        registration.write_text(json.dumps(REGISTRATION), encoding="utf-8")
        house.run(
            "onboard_egs", UNIT, "--tenant", str(tenant["tenant"]),
            "--details", str(registration), "--otp", "123456",
        )  # fmt: skip
    return office, Authority(base), tenant["password"]


def furnish_policies(house: Household, console: Console) -> StandIn:
    """The stand-in IMS, and what the house has to know of it."""
    with _step(console, "stand-in IMS listens; environment, source, office, lines set up"):
        kept = str(house.folder / "ims")
        house.start("ims", "manage.py", "ims_sandbox", "--port", "0", "--folder", kept)
        ims = StandIn(house.wait_for("ims", lambda: _first_url(house.log("ims"))))
        house.environment["IMS_PASSWORD"] = PASSWORD
        write_down(house.run, ims, house.folder)
    return ims


def _create_tenant(house: Household) -> str:
    return house.run(
        "create_tenant", COMPANY, "--environment", "SANDBOX", "--vat-number", VAT_NUMBER,
        "--new-owner", USERNAME, "--api-key", "demo",
    )  # fmt: skip


def _start_web_and_worker(house: Household, port: int) -> None:
    house.start(
        "web", *GUNICORN, "--workers", "2", "--threads", "4", "--bind", f"{HOST}:{port}",
        "--graceful-timeout", "3", "--no-control-socket",
    )  # fmt: skip
    house.start("worker", "manage.py", "work")


def _first_url(log: Path) -> str | None:
    lines = log.read_text().splitlines(keepends=True)
    return next((line.strip() for line in lines if line.startswith("http") and "\n" in line), None)


@contextmanager
def _step(console: Console, says: str) -> Iterator[None]:
    started = time.monotonic()
    with console.status(says):
        yield
    console.print(f"  [green]✓[/] {says:<66}[dim]{time.monotonic() - started:5.1f} s[/]")


def _verify(house: Household, console: Console) -> bool:
    """What the operators' commands say about it; False where one of them finds something."""
    console.print("\n[bold]manage.py says[/]")
    for command in (("reconcile", "--tenant", "1", "--list"), *VERIFIED):
        try:
            said = _last_line(house.run(*command))
        except Trouble as trouble:
            console.print(f"  [red]✗[/] {trouble}")
            return False
        console.print(f"  [green]✓[/] {' '.join(command):<22} {said}", soft_wrap=True)
    return True


def _invite(
    console: Console, office: Office, authority: Authority, ims: StandIn, password: str
) -> None:
    console.print(
        f"\n[bold]The site runs at {office.url}/admin/[/]  sign in as "
        f"[bold]{USERNAME}[/] with [bold]{password}[/]\n"
        f"  API       curl -H 'X-API-Key: {office.api_key}' {office.url}/api/v1/invoices\n"
        f"  OpenAPI   {office.url}/api/docs\n"
        f"  authority {authority.url}/_control/documents\n"
        f"  IMS       {ims.url}/control/counts\n"
        "Ctrl-C ends everything.",
        soft_wrap=True,
    )


def _stay(house: Household, console: Console) -> None:
    """Until Ctrl-C, which is how this is meant to end."""
    with suppress(KeyboardInterrupt):
        while True:
            house.check()
            time.sleep(0.5)
    console.print("\nEnding everything.")


if __name__ == "__main__":
    sys.exit(main())
