"""What a policy costs us: CPU milliseconds of a whole bind, and of single calls against zeep.

    python -m benchmarks.ims [--binds 40] [--calls 200]

IMS is the stand-in in a process of its own, without latency, so that only our side counts. A bind
is everything from the post to the invoice number: stored, thirteen steps, each committed before and
after, every call in the journal; SQLite in a temporary folder, with durable writes. A call is the
same message to the same stand-in, in turns, by our client and by zeep with the WSDLs of the
reference material (DAFTAR_REFERENCE); both log in once before.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import requests

ROOT = Path(__file__).resolve().parent.parent
WARM = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binds", type=int, default=40)
    parser.add_argument("--calls", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="daftar-ims-") as folder, stand_in() as url:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DAFTAR_GENERATE_SECRETS": "1",
            "DAFTAR_DATA": folder,
            "DATABASE_URL": f"sqlite:///{folder}/ims.sqlite3",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        binds(url, options.binds)
        calls(url, options.calls)


@contextmanager
def stand_in() -> Iterator[str]:
    """The stand-in IMS in a process of its own."""
    command = [sys.executable, "-m", "integrations.sandbox", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def cost(task: Callable[[int], object], times: int) -> tuple[float, float]:
    """The median CPU and wall milliseconds of a call, after a few that fill caches."""
    spent, passed = list[float](), list[float]()
    for n in range(-WARM, times):
        cpu, wall = time.process_time(), time.perf_counter()
        task(n)
        spent.append((time.process_time() - cpu) * 1000)
        passed.append((time.perf_counter() - wall) * 1000)
    return median(spent[WARM:]), median(passed[WARM:])


# --- A whole bind --------------------------------------------------------------------------------


def binds(url: str, times: int) -> None:
    from django.core.management import call_command

    from config.json import parse_object
    from config.tenancy.services import create_tenant
    from integrations.models import IMSCall, SagaStep
    from integrations.services.receiving import receive
    from integrations.services.running import run

    call_command("migrate", verbosity=0)
    tenant = create_tenant(
        company_name="Benchmark", environment="SANDBOX", vat_number="399999999900003"
    )
    source = set_up(tenant, url)

    def bind(n: int) -> None:
        received = receive(
            tenant,
            source,
            parse_object(body(n + WARM + 1)),
            path_word="new",
            external_id="",
            actor="benchmark",
            request_id="",
        )
        done = run(received.transaction)
        assert (done.status, bool(done.policy.invoice_number)) == ("completed", True), done.error

    cpu, wall = cost(bind, times)
    each = times + WARM
    made = f"{SagaStep.objects.count() // each} steps, {IMSCall.objects.count() // each} calls"
    print(f"whole bind ({made}), median of {times}")
    print(f"  CPU {cpu:6.1f} ms   wall {wall:6.1f} ms")


def set_up(tenant: Any, url: str) -> str:
    """The least that an installation needs; the name of its source."""
    from integrations.models import IMSEnvironment, Line, Office, Source

    environment = IMSEnvironment(
        tenant=tenant, name="demo", base_url=url, user_name="standin", invoice_wait_seconds=0
    )
    environment.seal_password("c3RhbmQtaW4=")
    environment.save()
    guid = UUID(int=1)
    office = Office.objects.create(
        environment=environment, name="Home", quoting_location=guid, issuing_location=guid
    )
    for name, line_guid in lines(url).items():
        Line.objects.create(
            environment=environment,
            kind=name.lower(),
            name=name,
            line_guid=line_guid,
            company_location=guid,
            office=office,
            company_commission="0.30",
        )
    return Source.objects.create(tenant=tenant, name="triton", environment=environment).name


def lines(url: str) -> dict[str, str]:
    found: dict[str, str] = requests.get(url.replace("/ims/", "/control/lines"), timeout=5).json()
    return found


def body(number: int) -> bytes:
    """A bind of an opportunity of its own, as Triton posts it."""
    import datetime as dt
    import json

    start = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=10)
    end = start + dt.timedelta(days=365)
    return json.dumps(
        {
            "transaction_id": f"bench-{number}",
            "transaction_type": "bind",
            "transaction_date": "2026-01-12T16:40:00.123456+00:00",
            "opportunity_id": number,
            "policy_number": f"BENCH-{number}",
            "opportunity_type": "New",
            "effective_date": f"{start:%m/%d/%Y}",
            "expiration_date": f"{end:%m/%d/%Y}",
            "insured_name": f"Insured {number} LLC",
            "address_1": "12 Orchard Lane",
            "city": "Tulsa",
            "state": "OK",
            "zip": "74103",
            "insured_state": "OK",
            "insured_zip": "74103",
            "producer_email": "pat.reed@example.com",
            "underwriter_name": "Casey Morgan",
            "market_segment_code": "WL",
            "gross_premium": 5000,
            "net_premium": 4000,
            "commission_rate": 20.0,
            "policy_fee": 250.0,
        }
    ).encode()


# --- Single calls, against zeep ------------------------------------------------------------------


def calls(url: str, times: int) -> None:
    from integrations.ims import Credentials, IMSClient

    folder = Path(os.environ.get("DAFTAR_REFERENCE", ROOT.parent / "shared")) / "ims/soap/wsdl"
    if not folder.is_dir():
        print("per call: the WSDLs of the reference material are not there (DAFTAR_REFERENCE)")
        return
    client = IMSClient(url, Credentials("standin", "c3RhbmQtaW4="))
    token = str(client.login().token)
    submission, quote = made(client, lines(url)["Primary"])
    theirs = Zeep(folder, url, token)
    quote_guid = client.add_quote_with_submission(submission, quote)
    status = ("spCheckQuoteBoundStatus", {"QuoteGuid": str(quote_guid)})
    strings = ["QuoteGuid", str(quote_guid)]
    pairs: dict[str, tuple[Callable[[int], object], Callable[[int], object]]] = {
        "AddQuoteWithSubmission": (
            lambda n: client.add_quote_with_submission(submission, quote),
            lambda n: theirs.call(
                "QuoteFunctions",
                "AddQuoteWithSubmission",
                submission=plain(submission.as_values()),
                quote=plain(quote.as_values()),
            ),
        ),
        "ExecuteDataSet": (
            lambda n: client.execute_data_set(*status),
            lambda n: theirs.call(
                "DataAccess",
                "ExecuteDataSet",
                procedureName=status[0],
                parameters={"string": strings},
            ),
        ),
    }
    print(f"per call, median of {times}, CPU ms (wall ms)")
    for name, (ours, their) in pairs.items():
        mine, other = cost(ours, times), cost(their, times)
        print(
            f"  {name:24} ours {mine[0]:5.2f} ({mine[1]:5.2f})   "
            f"zeep {other[0]:5.2f} ({other[1]:5.2f})   zeep / ours {other[0] / mine[0]:4.1f}"
        )


def made(client: Any, line: str) -> tuple[Any, Any]:
    """A submission and a quote that the stand-in takes."""
    import datetime as dt
    from decimal import Decimal

    from integrations.ims import Insured, Location, Procedures, Quote, QuoteDetail, Submission

    procedures = Procedures(client)
    producer = procedures.producer(email="pat.reed@example.com")
    underwriter = procedures.user("Casey Morgan")
    assert producer is not None
    assert underwriter is not None
    name = "Calls LLC"
    place = Location(name, "12 Orchard Lane", "Tulsa", "OK", "74103")
    insured = client.add_insured_with_location(Insured(name), place)
    today = dt.datetime.now(dt.UTC).date()
    quote = Quote(
        quoting_location=UUID(int=1),
        issuing_location=UUID(int=1),
        company_location=UUID(int=1),
        line=UUID(line),
        state="OK",
        producer_contact=producer.contact,
        underwriter=underwriter,
        effective=today,
        expiration=today + dt.timedelta(days=365),
        tags=("TRITON:benchmark",),
        detail=QuoteDetail(Decimal("0.30"), Decimal("0.20")),
    )
    return Submission(insured, producer.contact, producer.location, underwriter, today), quote


class Zeep:
    """The same services by zeep, with one session and the token we logged in for."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        import zeep

        self.token, self.services = token, dict[str, Any]()
        for name in ("QuoteFunctions", "DataAccess"):
            client = zeep.Client(str(folder / f"{name}.wsdl"))
            binding = next(iter(client.wsdl.bindings))
            self.services[name] = client.create_service(binding, f"{url}{name.lower()}.asmx")

    def call(self, service: str, operation: str, **values: Any) -> Any:
        header = {"TokenHeader": {"Token": self.token, "Context": "benchmark"}}
        return getattr(self.services[service], operation)(**values, _soapheaders=header)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Our values as zeep takes them: texts for GUIDs, lists of strings by their element's name."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, UUID):
            made[name] = str(value)
        elif isinstance(value, dict):
            made[name] = plain(value)
        elif isinstance(value, tuple):
            made[name] = {"string": list(value)}
        elif value is not None:
            made[name] = value
    return made


if __name__ == "__main__":
    main()
