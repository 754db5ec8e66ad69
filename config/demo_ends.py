"""Both ends compared: every document that was ever sealed, here and at the authority."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rich.console import Console
from rich.table import Table

from config.demo_story import plain_table
from config.demo_wire import Authority, Json, Office


@dataclass(frozen=True)
class Sealed:
    """One sealed document as one of the two ends has it."""

    uuid: str
    number: str
    icv: int
    pih: str
    hash: str
    verdict: str  # accepted or rejected

    @classmethod
    def of(cls, document: Json) -> "Sealed":
        """As the authority lists it."""
        return cls(
            uuid=document["uuid"],
            number=document["number"],
            icv=document["icv"],
            pih=document["pih"],
            hash=document["invoice_hash"],
            verdict="accepted" if document["accepted"] else "rejected",
        )


def compare(console: Console, office: Office, authority: Authority) -> bool:
    """Print every document as it is here and at the authority; whether the two are the same."""
    held = {document["uuid"]: document for document in authority.documents()}
    here = {document.uuid: document for document in _sealed_here(office)}
    console.print(_both_ends(here, held))
    findings = [
        *_chain_findings(here, held, authority),
        *_byte_findings(office, authority, held),
    ]
    for finding in findings:
        console.print(f"  [red]✗[/] {finding}")
    if not findings:
        console.print(
            f"  [green]✓[/] ICV 1 to {len(here)} without gap or repeat, "
            "every PIH the hash of the document before, at both ends\n"
            "  [green]✓[/] the documents kept here are byte for byte those of the authority"
        )
    return not findings


def _both_ends(here: dict[str, Sealed], held: dict[str, Json]) -> Table:
    table = plain_table("Both ends", "ICV", "invoice", "document", "here", "authority", "sent", "")
    there = {uuid: Sealed.of(document) for uuid, document in held.items()}
    everything = sorted((there | here).values(), key=lambda sealed: (sealed.icv, sealed.uuid))
    for known in everything:
        ours, theirs = here.get(known.uuid), there.get(known.uuid)
        table.add_row(
            str(known.icv),
            known.number,
            f"{known.uuid[:8]}  {known.hash[:10]}…",
            ours.verdict if ours else "[red]not here[/]",
            held[known.uuid]["verdict"] if theirs else "[red]not there[/]",
            f"{held[known.uuid]['deliveries']}×" if theirs else "",
            "[green]equal[/]" if ours == theirs else "[red]different[/]",
        )
    return table


def _sealed_here(office: Office) -> Iterator[Sealed]:
    """Every document that was ever sealed: timelines tell of all revisions."""
    for invoice in office.invoices():
        events = office.get(f"/api/v1/invoices/{invoice['id']}/timeline")["events"]
        told = [(event["kind"], event["details"]) for event in events]
        outcomes = {said["revision"]: said["outcome"] for kind, said in told if kind == "answered"}
        for said in (said for kind, said in told if kind == "sealed"):
            yield Sealed(
                uuid=said["uuid"],
                number=invoice["invoice_number"],
                icv=said["icv"],
                pih=said["pih"],
                hash=said["hash"],
                verdict=VERDICTS.get(outcomes.get(said["revision"], ""), "waiting"),
            )


VERDICTS = {"CLEARED": "accepted", "REJECTED": "rejected"}


def _chain_findings(
    here: dict[str, Sealed], held: dict[str, Json], authority: Authority
) -> Iterator[str]:
    if here != {uuid: Sealed.of(document) for uuid, document in held.items()}:
        yield "the two ends do not hold the same documents"
    ours = sorted(here.values(), key=lambda sealed: sealed.icv)
    icvs = [sealed.icv for sealed in ours]
    if icvs != list(range(1, len(ours) + 1)):
        yield f"the ICVs here are {icvs}"
    for before, after in pairwise(ours):
        if after.pih != before.hash:
            yield f"the PIH of ICV {after.icv} is not the hash of ICV {before.icv}"
    for csid in {document["csid"] for document in held.values()}:
        chain = authority.chain(csid)
        if chain["missing"] or chain["repeated"] or chain["broken"]:
            yield f"the authority does not find the chain of {csid} whole: {chain}"


def _byte_findings(office: Office, authority: Authority, held: dict[str, Json]) -> Iterator[str]:
    for invoice in office.invoices():
        ours = office.call("GET", f"/api/v1/invoices/{invoice['id']}/xml").content
        theirs = held.get(invoice["uuid"])
        if theirs is None or authority.bytes_of(theirs) != ours:
            yield f"the bytes of {invoice['invoice_number']} differ"
