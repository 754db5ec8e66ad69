"""Compare what we believe with what the authority holds.

Three ways to learn the other side: the stand-in's list, an export of the Fatoora portal, and, where
neither is at hand, resending what is unknown (`services.asking`). A list or a file is only ever
read: no status moves because of it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import BinaryIO

from django.utils import timezone

from config.problems import FieldError
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.gateways import list_for
from invoicing.models import Chain, ChainState, EGSUnit, ReconciliationRun, Revision, Source
from invoicing.reconciliation.comparing import compare, left_over
from invoicing.reconciliation.export import Export, ExportRefused, read_export
from invoicing.reconciliation.listing import ListFailed
from invoicing.reconciliation.records import Finding, Kind, Theirs
from invoicing.reconciliation.shelf import Shelf
from invoicing.reconciliation.tally import Tally
from invoicing.services.believing import Extent, believed, believed_under, count
from invoicing.services.differences import File, finish, keep, open_run, units_serials
from invoicing.services.sending import By


def reconcile_with_list(
    *,
    tenant: Tenant,
    by: By,
    unit: EGSUnit | None = None,
    first: date | None = None,
    last: date | None = None,
) -> ReconciliationRun:
    """Compare with the list that a stand-in offers; days of issue in the tenant's time zone.

    Commits: the run, its findings by the chunk, its end. The network is before all of them. Raises
    ListUnavailable where there is no list to ask for, and ListNotRead.
    """
    extent = Extent(tenant, unit, first, last, timezone.now())
    listing = list_for(_some_chain(tenant, unit))
    if listing is None:
        raise errors.ListUnavailable
    with Shelf(first=first, last=last) as shelf:
        try:
            shelf.add(_of_unit(listing.records(), unit))
        except ListFailed as broken:
            raise errors.ListNotRead(f"{errors.ListNotRead.message} ({broken})") from broken
        return _compare(open_run(Source.LIST, extent, by), extent, shelf)


def reconcile_with_export(
    *,
    tenant: Tenant,
    by: By,
    file: BinaryIO,
    name: str = "",
    columns: Mapping[str, str] | None = None,
    unit: EGSUnit | None = None,
    first: date | None = None,
    last: date | None = None,
) -> ReconciliationRun:
    """Compare with an export of the portal: CSV, `file` seekable, `columns` as field to header.

    Without days, those of the file are compared. The whole file is read before anything is stored;
    commits: the run, its findings by the chunk, its end. Raises InvalidExport with line and column.
    """
    as_of = timezone.now()
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    with Shelf(first=first, last=last) as shelf:
        try:
            export = read_export(file, zone=tenant.zone, columns=columns)
            _refuse_unit_without_csid(export, unit)
            shelf.add(_of_unit(export.records, unit))
        except ExportRefused as refused:
            raise invalid_export(refused) from None
        if first is None and last is None:
            first, last = shelf.days() or (None, None)
        extent = Extent(tenant, unit, first, last, as_of)
        kept = File(name, digest, dict(export.columns))
        return _compare(open_run(Source.EXPORT, extent, by, file=kept), extent, shelf)


def invalid_export(refused: ExportRefused) -> errors.InvalidExport:
    """The refusal in the shape of every other: a field error per fault, line and column named."""
    found, extra = [], []
    for fault in refused.faults:
        place = f"line {fault.line}" + (f", column {fault.column}" if fault.column else "")
        named = f" ({fault.header})" if fault.header else ""
        found.append(FieldError(f"{place}{named}", fault.code, fault.message, fault.message_ar))
        extra.append({"line": fault.line, "column": fault.column, "header": fault.header})
    first = found[0]
    return errors.InvalidExport(
        f"{first.param}: {first.message}",
        message_ar=f"السطر {extra[0]['line']}، العمود {extra[0]['column'] or '-'}: "
        f"{first.message_ar}",
        errors=found,
        extra={"places": extra},
    )


def _refuse_unit_without_csid(export: Export, unit: EGSUnit | None) -> None:
    if unit is not None and "csid" not in export.columns:
        raise errors.InvalidExport(
            "The file does not say which unit issued a document (no CSID column), so it can only "
            "be compared for the whole tenant.",
            message_ar="لا يذكر الملف الوحدة التي أصدرت المستند (لا عمود للشهادة)، فلا يُقارن إلا "
            "للمكلف كله.",
            param="unit",
        )


def _some_chain(tenant: Tenant, unit: EGSUnit | None) -> Chain:
    """A CSID to ask with; the list is the taxpayer's, whichever of its units asks."""
    chains = Chain.objects.filter(unit__tenant=tenant, state=ChainState.ACTIVE)
    if unit is not None:
        chains = chains.filter(unit=unit)
    chain = chains.select_related("unit__tenant").order_by("pk").first()
    if chain is None:
        raise errors.UnitNotReady(
            "No unit has a CSID to ask the authority with.",
            message_ar="لا توجد وحدة لديها شهادة يُسأل بها.",
        )
    return chain


def _of_unit(records: Iterator[Theirs], unit: EGSUnit | None) -> Iterator[Theirs]:
    if unit is None:
        return records
    serials = units_serials(unit)
    return (record for record in records if record.csid in serials)


def _compare(run: ReconciliationRun, extent: Extent, shelf: Shelf) -> ReconciliationRun:
    said = shelf.said()
    ours = Tally(said)
    keep(run, _differences(extent, shelf, ours))
    return finish(run, ours=ours, theirs=shelf.tally(said))


def _differences(extent: Extent, shelf: Shelf, tally: Tally) -> Iterator[Finding]:
    for chunk in believed(extent):
        held = shelf.take([ours.number for ours in chunk])
        for ours in chunk:
            count(tally, ours)
            yield from compare(ours, held.get(ours.number, []))
    for numbers in shelf.waiting():
        held = shelf.take(numbers)
        known, moving = believed_under(extent, numbers)
        for number in numbers:
            if number in moving:
                continue
            if number in known:
                count(tally, known[number])
            yield from compare(known.get(number), held[number])
    yield from shelf.repeated_uuids()
    yield from _gaps(extent, shelf)


def _gaps(extent: Extent, shelf: Shelf) -> Iterator[Finding]:
    """ICVs of our own CSIDs that neither they nor we have a document for."""
    for csid, first, last in shelf.missing_icvs():
        chains = Chain.objects.filter(unit__tenant=extent.tenant, certificate_serial=csid)
        if not chains:
            continue  # every document of it is unknown here and says so itself
        known = Revision.objects.filter(chain__in=chains, icv__range=(first, last))
        ascending = known.order_by("icv").values_list("icv", flat=True).iterator()
        for start, end in left_over(first, last, (icv for icv in ascending if icv)):
            yield Finding(Kind.ICV_GAP, csid=csid, icv=start, last_icv=end)
