"""What it costs to set a document: CPU milliseconds for A4 and receipt, one thread.

    python -m benchmarks.printing [--documents 100] [--lines 20]

Two floors in the same run: an empty page as PDF/A-3b with the same fonts, and a bare page of as
many bilingual rows with a code and the XML inside, set by the typesetter alone: what any invoice of
so many lines costs before it says who sells to whom, what is owed, or looks like anything. No
database: the document is sealed with a throw-away key, then read, arranged and set each time, with
the XML inside and another number on each. Clock beside CPU: the typesetter has threads of its own.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from datetime import time as clock
from decimal import Decimal
from statistics import median
from typing import NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DAFTAR_GENERATE_SECRETS", "1")
django.setup()

from config.printing.pictures import qr_picture  # noqa: E402
from config.printing.typesetting import typeset  # noqa: E402
from invoicing.printing.content import read  # noqa: E402
from invoicing.printing.paper import paper  # noqa: E402
from invoicing.printing.sheet import sheet  # noqa: E402
from invoicing.zatca.documents import (  # noqa: E402
    Address,
    Document,
    DocumentKind,
    Line,
    Party,
    VatCategory,
)
from invoicing.zatca.hashing import FIRST_PIH  # noqa: E402
from invoicing.zatca.totals import totals  # noqa: E402
from invoicing.zatca.ubl import write  # noqa: E402

MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
QR = "AQ" * 280  # as long as the code of a simplified document
SELLER = Party(
    "شركة نجد للتجارة | Najd Trading",
    "399999999900003",
    "CRN",
    "1010010000",
    Address(
        "طريق الملك فهد | King Fahd Road", "2322", "العليا | Olaya", "الرياض | Riyadh", "12214"
    ),
)


def document(lines: int) -> Document:
    return Document(
        kind=DocumentKind.INVOICE,
        simplified=True,
        number="S-1",
        uuid="8d487816-70b8-4ade-a618-9d620b73814a",
        issue_date=date(2026, 11, 24),
        issue_time=clock(12, 0),
        supplier=SELLER,
        customer=None,
        lines=tuple(
            Line(
                f"صنف رقم {n} | Item no. {n}", Decimal(2), Decimal(100), VatCategory.S, Decimal(15)
            )
            for n in range(1, lines + 1)
        ),
    )


def printed(layout: str, xml: bytes) -> bytes:
    content = read(xml)
    data = {
        "sheet": paper(sheet(content)),
        "brand": {"accent": "#0f766e", "logo": "", "footer": ["هاتف 920000000"]},
        "qr": asdict(qr_picture(QR)),
        "attachment": {"name": f"{content.number}.xml", "kind": "text/xml", "description": "UBL"},
    }
    return typeset(f"invoicing/print/{layout}.typ", data, made_at=MOMENT, attachment=xml)


def bare_rows(number: str, lines: int, xml: bytes) -> bytes:
    """As many rows as the document's, in a table without any rule."""
    rows = [
        [f"{n}", f"صنف رقم {n}", f"Item no. {n}", "2", "100.00", "230.00"]
        for n in range(1, lines + 1)
    ]
    data = {"title": number, "rows": rows, "qr": qr_picture(QR).svg}
    return typeset("printing/rows.typ", data, made_at=MOMENT, attachment=xml)


class Cost(NamedTuple):
    """Median milliseconds of a call."""

    cpu: float
    clock: float


def cost(task: Callable[[int], object], times: int) -> Cost:
    """What a call costs, after a few that fill caches."""
    for n in range(3):
        task(-n - 1)
    spent = []
    for n in range(times):
        before = time.process_time(), time.perf_counter()
        task(n)
        spent.append((time.process_time() - before[0], time.perf_counter() - before[1]))
    return Cost(*(median(column) * 1000 for column in zip(*spent, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--lines", type=int, default=20)
    options = parser.parse_args()
    base = document(options.lines)
    amounts = totals(base)

    def xml(n: int) -> bytes:
        numbered = replace(base, number=f"S-{n}")
        return write(numbered, amounts, icv=1, pih=FIRST_PIH).canonical()

    times = options.documents
    floor = cost(lambda n: typeset("printing/empty.typ", {"title": f"{n}"}, made_at=MOMENT), times)
    rows = cost(lambda n: bare_rows(f"S-{n}", options.lines, xml(n)), times)
    print(f"{times} documents of {options.lines} lines, ms each (median)    CPU  clock")
    print(f"  empty page (floor)               {floor.cpu:6.1f} {floor.clock:6.1f}")
    print(f"  bare rows, code and XML (floor)  {rows.cpu:6.1f} {rows.clock:6.1f}")
    for layout in ("a4", "receipt"):
        spent = cost(lambda n, layout=layout: printed(layout, xml(n)), times)
        print(
            f"  {layout:31}  {spent.cpu:6.1f} {spent.clock:6.1f}"
            f"   {spent.cpu / rows.cpu:4.1f} × bare rows"
        )
    picture = cost(lambda n: qr_picture(QR), 20)
    print(f"  QR picture alone                 {picture.cpu:6.1f} {picture.clock:6.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  peak memory                      {peak:4} MB")


if __name__ == "__main__":
    main()
