import time
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError

from config.management.options import positive

NEW = "/api/triton/transaction/new"
LONGEST_CALL, BETWEEN = 60, 1.0  # seconds
# More looks than any request takes.
LATE = 99
Json = dict[str, Any]


class Command(BaseCommand):
    """The scenario of D0, over HTTP alone: what a caller of the site at --url would see.

    Three policies are bound: synchronously, synchronously with an invoice that comes late (only
    with --ims, the control of a stand-in), and asynchronously. Exit code 0 where all is as the
    document says, 1 where it is not, 2 for wrong usage.
    """

    help = "Bind policies through a running site and show where their invoice numbers come from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="of the site")
        parser.add_argument(
            "--api-key", required=True, help="with integrations:read and integrations:write"
        )
        parser.add_argument("--ims", metavar="URL", help="a stand-in's: its base URL")
        parser.add_argument("--producer", default="pat.reed@example.com", metavar="EMAIL")
        parser.add_argument("--underwriter", default="Casey Morgan", metavar="NAME")
        parser.add_argument("--patience", type=positive, default=60, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site(options)
        wrong = 0
        for title, lines, fits in _scenario(site, options["ims"], options["patience"]):
            self.stdout.write(self.style.MIGRATE_HEADING(title))
            for line in lines:
                self.stdout.write(f"  {line}")
            wrong += not fits
        if wrong:
            raise CommandError(f"{wrong} of the answers are not as the document says.")
        self.stdout.write(self.style.SUCCESS("All as the document says."))


class Site:
    """The site as its caller sees it."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.url, self.options = options["url"].rstrip("/"), options
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-API-Key"] = options["api_key"]

    def call(self, method: str, path: str, body: Json | None = None) -> requests.Response:
        """The answer; CommandError where there is none, or none about a transaction."""
        url = path if path.startswith("http") else f"{self.url}{path}"
        try:
            answer = self.session.request(method, url, json=body, timeout=LONGEST_CALL)
        except requests.RequestException as error:
            raise CommandError(f"{method} {url}: {type(error).__name__}", returncode=2) from None
        if answer.status_code not in (200, 202):
            raise CommandError(f"{method} {url}: {answer.status_code} {answer.text[:300]}")
        return answer

    def bind(self) -> Json:
        """A transaction of its own each time: new ids, a policy from tomorrow on."""
        number, today = uuid.uuid4(), datetime.now(UTC)
        begins = today + timedelta(days=1)
        return {
            "transaction_id": str(number),
            "transaction_type": "bind",
            "transaction_date": today.isoformat(),
            "opportunity_id": number.int % 2_000_000_000,
            "policy_number": f"TST-{today:%Y}-{number.hex[:8].upper()}",
            "effective_date": f"{begins:%m/%d/%Y}",
            "expiration_date": f"{begins + timedelta(days=365):%m/%d/%Y}",
            "insured_name": f"Test Insured {number.hex[:8]}",
            "address_1": "1 Main St",
            "city": "Detroit",
            "state": "MI",
            "insured_state": "MI",
            "insured_zip": "48226",
            "producer_email": self.options["producer"],
            "underwriter_name": self.options["underwriter"],
            "gross_premium": 1000,
            "commission_rate": 15,
            "commission_percent": 25,
        }


Chapter = tuple[str, list[str], bool]


def _scenario(site: Site, ims: str | None, patience: int) -> Iterator[Chapter]:
    yield _synchronous(site)
    if ims:
        yield _late(site, ims)
    yield _asynchronous(site, patience)


def _synchronous(site: Site) -> Chapter:
    started = time.monotonic()
    answer = site.call("POST", f"{NEW}?sync_mode=true", site.bind())
    took = time.monotonic() - started
    lines = [*_told(answer), f"answered after {took:.1f} s"]
    fits = answer.status_code == 200 and _number(answer) is not None
    return "Synchronous: the invoice number is in the answer", lines, fits


def _late(site: Site, ims: str) -> Chapter:
    """The stand-in makes the invoice after the request is over."""
    control = f"{ims.split('/ims')[0]}/control/knobs"
    site.call("POST", control, {"invoice_after": LATE})
    answer = site.call("POST", NEW, site.bind())
    site.call("POST", control, {"invoice_after": 0})
    transaction_id = answer.json()["transaction_id"]
    later = site.call("GET", f"/api/triton/invoice?transaction_id={transaction_id}&refresh=1")
    found = later.json()["invoice_data"]["invoice_info"]["invoice_number"]
    lines = [*_told(answer), f"asked for by hand: invoice {found}"]
    fits = answer.status_code == 200 and _number(answer) is None and bool(found)
    return "Not there yet: null, and no error; it is found later", lines, fits


def _asynchronous(site: Site, patience: int) -> Chapter:
    answer = site.call("POST", f"{NEW}?sync_mode=false", site.bind())
    lines = [*_told(answer), f"to be looked up at {answer.headers['Location']}"]
    fits = answer.status_code == 202 and _number(answer) is None
    deadline = time.monotonic() + patience
    while True:
        later = site.call("GET", answer.headers["Location"])
        done = later.json()["status"] == "completed"
        if done or time.monotonic() > deadline:
            break
        time.sleep(BETWEEN)
    title = "Asynchronous: answered at once, the number is there when one asks"
    return title, [*lines, *_told(later)], fits and done and _number(later) is not None


def _told(answer: requests.Response) -> list[str]:
    said = answer.json()
    details = said["ims_details"]
    lines = [
        f"HTTP {answer.status_code}: {said['message']}",
        f"ims_status {said['ims_status']}, policy {details['policy_number']}, "
        f"invoice_number {details['invoice_number'] or 'null'}",
    ]
    return [*lines, f"error: {details['error']}"] if details["error"] else lines


def _number(answer: requests.Response) -> str | None:
    return answer.json()["ims_details"]["invoice_number"]
