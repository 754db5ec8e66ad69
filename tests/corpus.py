"""`python -m tests.corpus`: how often zatca_validate's verdict is the official one.

The reference material has 1,500 documents with what the official schema and the two official rule
files (238-R3.4.8) said of each. Every disagreement is printed with its reason; one without a known
reason, or fewer than 1,495 agreements, is exit code 1. `--every 15` takes each fifteenth only.
"""

import argparse
import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from invoicing.judge import official_verdict

ROOT = Path(__file__).resolve().parent.parent
ENOUGH = 1495
JUDGED_AT = datetime(2026, 3, 14, tzinfo=UTC)
# Left out of the corpus's own verdicts where they depend on the day of the judgement.
BY_THE_CLOCK = {"BR-KSA-98", "BR-KSA-04"}
EXPLAINED = {
    663: "The PIH of the document is Arabic letters, which is no base64Binary (XML Schema part 2, "
    "3.2.16), and we say that the schema is broken. The corpus was judged with libxml2, which "
    "skips what is no base64 and finds an empty value valid. Ours is the right answer.",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with the official verdict and ours, each as (schema holds, errors, warnings)."""

    case: dict[str, Any]
    official: tuple[bool, frozenset[str], frozenset[str]]
    ours: tuple[bool, frozenset[str], frozenset[str]]

    @property
    def agrees(self) -> bool:
        return self.official == self.ours


def judged(folder: Path, *, every: int = 1, only: frozenset[int] = frozenset()) -> Iterator[Judged]:
    """Judge the corpus below `folder`, each `every`-th case and those of `only`."""
    for case, xml in _corpus(folder).documents():
        if case["id"] % every == 0 or case["id"] in only:
            official = (case["xsd"], _rules(case["errors"]), _rules(case["warnings"]))
            yield Judged(case, official, _ours(xml))


def _ours(xml: bytes) -> tuple[bool, frozenset[str], frozenset[str]]:
    verdict = official_verdict(xml, evaluated_at=JUDGED_AT)
    if any(finding.stage == "xsd" for finding in verdict.findings):
        return False, frozenset(), frozenset()
    rules = [item for item in verdict.findings if item.stage in ("cen", "ksa")]
    return (
        True,
        _rules([item.rule for item in rules if item.severity == "error"]),
        _rules([item.rule for item in rules if item.severity == "warning"]),
    )


def _rules(ids: list[str]) -> frozenset[str]:
    return frozenset(ids) - BY_THE_CLOCK


def _corpus(folder: Path) -> Any:
    path = folder / "zatca" / "corpus.py"
    specification = importlib.util.spec_from_file_location("corpus", path)
    if specification is None or specification.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(specification)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        specification.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    every = parser.parse_args().every
    folder = Path(os.environ.get("DAFTAR_REFERENCE", ROOT.parent / "shared"))
    if not (folder / "zatca" / "corpus.py").exists():
        print("The reference material is not there (DAFTAR_REFERENCE).")
        return 2
    cases = list(judged(folder, every=every))
    differing = [one for one in cases if not one.agrees]
    for one in differing:
        _tell(one)
    agreeing = len(cases) - len(differing)
    print(f"{agreeing} of {len(cases)} verdicts are the official ones.")
    unexplained = [one for one in differing if one.case["id"] not in EXPLAINED]
    return int(bool(unexplained) or (every == 1 and agreeing < ENOUGH))


def _tell(one: Judged) -> None:
    print(f"case {one.case['id']}: {one.case['base']} {one.case['ops']}")
    for name, (schema, errors, warnings) in (("official", one.official), ("ours", one.ours)):
        held = "schema holds" if schema else "schema broken"
        print(f"  {name:9}{held}, errors {sorted(errors)}, warnings {sorted(warnings)}")
    print(f"  {EXPLAINED.get(one.case['id'], 'NOT EXPLAINED')}")


if __name__ == "__main__":
    sys.exit(main())
