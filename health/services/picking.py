"""What a request leaves out, taken from the masters that it names: never required, only handy.

An invoice keeps a copy of what was picked; a master that changes later changes no invoice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from config.tenancy.models import Tenant
from health.findings import Finding
from health.gst import SAC, TAXES
from health.models import LabTest, Panel, Patient, SupplyType, TestOrder
from health.writing import read

RATES = tuple(f"{tax}_rate" for tax in TAXES)
OF_PATIENT = {
    "patient_name": "name",
    "patient_phone": "phone",
    "patient_email": "email",
    "recipient_gstin": "gstin",
}


@dataclass(slots=True)
class Picked:
    """The request with what was found; what still misses, is doubtful, or is not known here."""

    said: dict[str, Any]
    missing: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)
    unknown: list[Finding] = field(default_factory=list)


def pick(tenant: Tenant, said: Mapping[str, Any], home_state: str) -> Picked:
    """Fill in patient, names, prices and tax from the tenant's masters. Reads only.

    What the request says itself always stands. GST goes by the place of supply: inside
    `home_state` in two halves, outside of it as IGST.
    """
    picked = Picked(dict(said))
    _patient(picked, tenant)
    masters = {
        word: _known(kind, tenant, {line.get(f"{word}_id") for line in said["items"]})
        for word, kind in (("test", LabTest), ("panel", Panel))
    }
    # Where nobody has said where it works, nothing can be outside of it.
    is_within = not home_state or (picked.said.get("place_of_supply") or home_state) == home_state
    picked.said["items"] = [
        _line(picked, masters, line, f"items[{position}]", is_within=is_within)
        for position, line in enumerate(said["items"])
    ]
    return picked


def _patient(picked: Picked, tenant: Tenant) -> None:
    said = picked.said
    orders = _known(TestOrder, tenant, {said.get("test_order_id")})
    order = _looked_up(picked, orders, said.get("test_order_id"), "test_order_id")
    if order and order.patient and said.get("patient_id") is None:
        said["patient_id"] = order.patient.reference
    patients = _known(Patient, tenant, {said.get("patient_id")})
    patient = _looked_up(picked, patients, said.get("patient_id"), "patient_id")
    if patient:
        named = said.get("patient_name")
        if named and named.casefold() != patient.name.casefold():
            message = f"Patient {patient.reference} is written down here as {patient.name}."
            picked.doubts.append(Finding("patient_name", "PATIENT_DIFFERS", message))
        else:
            _fill(said, {name: getattr(patient, of) for name, of in OF_PATIENT.items()})
        if order and order.patient and order.patient != patient:
            message = f"Test order {order.number} is of another patient."
            picked.doubts.append(Finding("test_order_id", "ORDER_OF_ANOTHER_PATIENT", message))
    if not said.get("patient_name"):
        message = "Name the patient, or one that is written down here."
        picked.missing.append(Finding("patient_name", "required", message))


def _line(
    picked: Picked,
    masters: Mapping[str, Mapping[int, Any]],
    said: Mapping[str, Any],
    path: str,
    *,
    is_within: bool,
) -> dict[str, Any]:
    line = dict(said)
    for word, known in masters.items():
        master = _looked_up(picked, known, said.get(f"{word}_id"), f"{path}.{word}_id")
        if master is None:
            continue
        is_priced = line.get("rate") is None
        _fill(line, {f"{word}_name": master.name, "sac": master.sac, "rate": master.price})
        # Who says the price says the tax: a rate is never put upon an amount that was agreed.
        if is_priced and master.supply_type == SupplyType.TAXABLE:
            _fill(line, dict(_rates(master.gst_rate, is_within)))
    _fill(line, {"sac": SAC})
    if line.get("rate") is None:
        message = "Say the rate, or name a test or panel that has a price here."
        picked.missing.append(Finding(f"{path}.rate", "required", message))
    return line


def _rates(rate: Decimal, is_within: bool) -> Iterator[tuple[str, Decimal]]:
    if is_within:
        yield from (("cgst_rate", rate / 2), ("sgst_rate", rate / 2))
    else:
        yield "igst_rate", rate


def _fill(said: dict[str, Any], known: Mapping[str, Any]) -> None:
    for name, value in known.items():
        if value and said.get(name) in (None, ""):
            said[name] = value


def _known(kind: Any, tenant: Tenant, references: Iterable[int | None]) -> dict[int, Any]:
    """The tenant's masters of these references; one question, or none."""
    wanted = {reference for reference in references if reference is not None}
    if not wanted:
        return {}
    return {row.reference: row for row in read(kind, tenant.pk, reference=wanted)}


def _looked_up(picked: Picked, known: Mapping[int, Any], reference: int | None, path: str) -> Any:
    """The master that the request names, or None; one that is not known or off is told."""
    if reference is None:
        return None
    row = known.get(reference)
    if row is None:
        message = f"{reference} is not known here."
        picked.unknown.append(Finding(path, "UNKNOWN_REFERENCE", message))
    elif not row.is_active:
        picked.doubts.append(Finding(path, "INACTIVE_REFERENCE", f"{row} is not used any more."))
    return row
