"""`python -m tests.fuzz` (`make fuzz`): random baskets until one is refused that should not be.

Two campaigns, both with hypothesis. Legal baskets (tests/invoicing/baskets.py): the request rules
must let every one pass, and the official rules must find nothing in its sealed document, no error
and no warning. Spoiled ones, a few random changes away from legal: whatever the request rules still
let pass must be clean too, and what they refuse must be told by field, in English and Arabic.

Baskets are drawn in chunks with a seed each, in as many processes as asked for, because the judge
holds the GIL. A finding is shrunk by hypothesis and printed as the request that shows it.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

CHUNK = 250
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DAFTAR_GENERATE_SECRETS": "1"}


@dataclass(frozen=True)
class Chunk:
    """So many baskets of one campaign, from one seed."""

    campaign: str
    seed: int
    baskets: int


@dataclass
class Report:
    """What came of a chunk: how many baskets became what (shrinking a failed one included)."""

    chunk: Chunk
    counts: Counter[str] = field(default_factory=Counter)
    finding: str | None = None


def main(arguments: list[str]) -> int:
    """Run both campaigns; 1 where anything was found."""
    options = _options(arguments)
    os.environ |= SETTINGS
    started = time.monotonic()
    found = 0
    for campaign, share in (("legal", options.baskets), ("spoiled", options.spoiled)):
        counts: Counter[str] = Counter()
        for report in _run(list(_chunks(campaign, options.seed, share)), options.processes):
            counts += report.counts
            if report.finding:
                found += 1
                print(f"\nFOUND by {report.chunk}:\n{report.finding}\n", flush=True)
        seconds = time.monotonic() - started
        print(f"{campaign:<8} seed {options.seed}: {counts.total()} baskets in {seconds:.0f} s, "
              f"{counts.total() / seconds:.0f}/s; {_shown(counts)}", flush=True)  # fmt: skip
        started = time.monotonic()
    print(f"findings {found}")
    return int(bool(found))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--baskets", type=int, default=20_000, help="legal ones")
    parser.add_argument("--spoiled", type=int, default=5_000, help="those a change or two away")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args(arguments)


def _shown(counts: Counter[str]) -> str:
    return ", ".join(f"{word} {count}" for word, count in counts.most_common())


def _chunks(campaign: str, seed: int, baskets: int) -> Iterator[Chunk]:
    for place in range(0, baskets, CHUNK):
        yield Chunk(campaign, seed * 1_000_003 + place, min(CHUNK, baskets - place))


def _run(chunks: list[Chunk], processes: int) -> Iterator[Report]:
    # Spawned and not forked: every process starts its own judge.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(judge_chunk, chunks)


def judge_chunk(chunk: Chunk) -> Report:
    """Draw and judge one chunk; in a process of its own."""
    import django

    django.setup()
    import hypothesis

    from tests.invoicing import baskets, judging

    report = Report(chunk)
    campaigns: dict[str, tuple[Any, Callable[[dict[str, Any]], str]]] = {
        "legal": (baskets.baskets(), judging.judge_legal),
        "spoiled": (baskets.spoiled(), judging.judge_spoiled),
    }
    strategy, judge_one = campaigns[chunk.campaign]
    smallest: list[dict[str, Any]] = []
    quiet = hypothesis.settings(
        max_examples=chunk.baskets, database=None, deadline=None, report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck), print_blob=False,
    )  # fmt: skip

    @hypothesis.seed(chunk.seed)
    @quiet
    @hypothesis.given(strategy)
    def judge(request: dict[str, Any]) -> None:
        smallest[:] = [request]
        report.counts[judge_one(request)] += 1

    try:
        judge()
    except Exception as finding:
        shown = json.dumps(smallest[0], ensure_ascii=False, indent=1)
        report.finding = f"{type(finding).__name__}: {finding}\n{shown}"
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
