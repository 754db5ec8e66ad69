"""The insured: found, or added once, whoever else needs the same one at the same time."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from integrations import timing
from integrations.ims import Insured, Location
from integrations.ims.errors import IMSError, Outcome
from integrations.models import IMSStatus, KnownInsured, normalised_name
from integrations.saga.parts import Context, Done, Wait, text
from integrations.triton import Transaction

TAKEN = timedelta(seconds=2)


def insured(context: Context) -> Done:
    """Find or add the insured. Raises Wait while another transaction is at the same one.

    IMS has no key for it and compares names loosely, so our own row by exact name and address is
    what two transactions meet in: one of them adds it.
    """
    known = _held(context)
    if known.guid is not None and not _is_still(context, known.guid):
        # Merged or deleted in IMS, or written down wrongly: it must not spoil every later bind.
        KnownInsured.objects.filter(pk=known.pk, guid=known.guid).update(guid=None)
        known = _held(context)
    if known.guid is None:
        guid, found = _found_or_added(context, known)
        KnownInsured.objects.filter(pk=known.pk).update(guid=guid, holder=None, held_until=None)
        how = "found" if found else "created"
    else:
        guid, how = known.guid, "known"
    return Done(
        changes={"insured_guid": guid, "ims_status": IMSStatus.INSURED_CREATED},
        policy={"insured_guid": guid, "insured_name": context.said.insured_name or ""},
        result={"insured_guid": text(guid), "how": how},
        message=f"Insured {how}.",
    )


def find(context: Context) -> UUID | None:
    """The insured of exactly this name, in the place that is named."""
    said = context.said
    guid = context.gateway.ims.find_insured(
        said.insured_name or "",
        city=said.city or "",
        state=said.insured_state or "",
        zip_code=said.insured_zip_5 or "",
    )
    return guid if guid is not None and _is_still(context, guid) else None


def _is_still(context: Context, guid: UUID) -> bool:
    """Whether IMS has the insured, under exactly the name that is named."""
    try:
        row = context.gateway.ims.get_insured(guid)
    except IMSError as error:
        if error.is_verdict:
            return False
        raise
    names = {normalised_name(row.text(name)) for name in ("CorporationName", "NameOnPolicy")}
    return normalised_name(context.said.insured_name or "") in names


def _held(context: Context) -> KnownInsured:
    """Our row of this insured, held by this transaction if its GUID is not known yet."""
    known, _ = KnownInsured.objects.get_or_create(
        environment=context.environment, key=_key(context.said)
    )
    if known.guid is not None:
        return known
    me, now = context.transaction.pk, timezone.now()
    free = Q(holder=None) | Q(holder=me) | Q(held_until__lt=now)
    mine = KnownInsured.objects.filter(free, pk=known.pk, guid=None)
    if not mine.update(holder=me, held_until=now + timing.lease()):
        sentence = "Another transaction is adding the same insured."
        # Longer each time: the other may have died, and then its hold has to run out.
        pause = TAKEN * max(context.attempts["insured"], 1)
        raise Wait("insured_taken", sentence, now + pause)
    known.refresh_from_db()
    return known


def _found_or_added(context: Context, known: KnownInsured) -> tuple[UUID, bool]:
    guid = find(context)
    if guid is not None:
        return guid, True
    now = timezone.now()
    if known.asked_at is not None and now < known.asked_at + timing.repeat_after():
        sentence = "IMS was asked to add this insured a moment ago, and does not show it yet."
        raise Wait("insured_asked_for", sentence, known.asked_at + timing.repeat_after())
    rows = KnownInsured.objects.filter(pk=known.pk)
    rows.update(asked_at=now)
    try:
        return context.gateway.ims.add_insured_with_location(*_new(context.said)), False
    except IMSError as error:
        # Where it is unknown, counted from the end: until then it may have been on its way.
        asked_at = timezone.now() if error.outcome is Outcome.UNKNOWN else None
        rows.update(asked_at=asked_at, holder=None, held_until=None)
        raise


def _new(said: Transaction) -> tuple[Insured, Location]:
    name, plus = said.insured_name or "", (said.insured_zip or "")[6:]
    location = Location(
        name=name,
        address_1=said.address_1 or "",
        address_2=said.address_2,
        city=said.city or "",
        state=said.insured_state or "",
        zip_code=said.insured_zip_5 or "",
        zip_plus=plus or None,
    )
    return Insured(name), location


def _key(said: Transaction) -> str:
    parts = (said.insured_name, said.city, said.insured_state, said.insured_zip_5)
    words = "|".join(normalised_name(part or "") for part in parts)
    return hashlib.sha256(words.encode()).hexdigest()
