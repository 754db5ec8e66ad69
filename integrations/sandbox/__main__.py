"""`python -m integrations.sandbox [--port N] [--folder F]`: prints the base URL, ends on Ctrl-C."""

import argparse
import signal
import sys
import threading

from integrations.sandbox import SandboxIMS


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="integrations.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9091, help="0 takes a free one")
    parser.add_argument("--folder", help="keeps the state over a restart (default: memory)")
    options = parser.parse_args(arguments)
    run(options.host, options.port, options.folder)


def run(host: str, port: int, folder: str | None) -> None:
    """Serves until SIGINT or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with SandboxIMS(folder, host=host, port=port) as box:
        sys.stdout.write(f"{box.url}\n")
        sys.stdout.flush()
        stopped.wait()


if __name__ == "__main__":
    main()
