"""What differs between the two sides of one invoice number, and which ICVs nobody has."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from invoicing.reconciliation.records import Document, Finding, Kind, Ours, Theirs, Word


def compare(ours: Ours | None, theirs: Sequence[Theirs]) -> list[Finding]:
    """What differs under one invoice number, in an order that does not follow `theirs`.

    A row is matched to a document by UUID, then by hash; one that names neither stands for the
    current document. The same UUID twice is no business of this function (`Shelf.repeated_uuids`).
    """
    rows = sorted(_once(theirs), key=_rank)
    if ours is None:
        return _all_strange(None, rows)
    matched, strangers = _match(ours, rows)
    return [
        *_about_current(ours, matched),
        *_about_older(ours, matched),
        *_hashes(ours, matched),
        *_all_strange(ours, strangers, known=list(matched.values())),
    ]


def left_over(first: int, last: int, known: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The spans of `first` to `last` that `known`, ascending numbers of it, leave open."""
    following = first
    for number in known:
        if number > following:
            yield following, number - 1
        following = max(following, number + 1)
    if following <= last:
        yield following, last


def _rank(row: Theirs) -> tuple[Any, ...]:
    # Accepted before refused: what counts is matched first. The rest only makes the order total.
    return (
        not row.word.is_accepted,
        row.uuid,
        row.hash,
        row.word,
        str(row.total),
        str(row.vat),
        row.line,
    )


def _once(theirs: Sequence[Theirs]) -> list[Theirs]:
    """One row per UUID, the accepted one where they say both."""
    seen: set[str] = set()
    kept = []
    for row in sorted(theirs, key=_rank):
        if row.uuid and row.uuid in seen:
            continue
        seen.add(row.uuid)
        kept.append(row)
    return kept


def _match(ours: Ours, rows: Sequence[Theirs]) -> tuple[dict[int, Theirs], list[Theirs]]:
    """Their rows by the revision they are, and those that are none of ours."""
    by_uuid = {item.uuid: item.revision for item in ours.documents}
    by_hash = {item.hash: item.revision for item in ours.documents}
    matched: dict[int, Theirs] = {}
    strangers = []
    for row in rows:
        revision = by_uuid.get(row.uuid) if row.uuid else by_hash.get(row.hash)
        if not row.uuid and not row.hash and ours.now:
            revision = ours.current
        if revision is None or revision in matched:
            strangers.append(row)
        else:
            matched[revision] = row
    return matched, strangers


def _about_current(ours: Ours, matched: dict[int, Theirs]) -> Iterator[Finding]:
    now = ours.now
    if now is None:
        return
    row = matched.get(ours.current)
    if row is None:
        if now.word.is_accepted:
            yield _finding(Kind.MISSING_AT_AUTHORITY, ours, now, None)
        return
    if not now.word.agrees(row.word):
        yield _finding(Kind.STATUS_DIFFERS, ours, now, row)
    if _amounts_differ(ours, now, row):
        yield _finding(Kind.AMOUNT_DIFFERS, ours, now, row)


def _amounts_differ(ours: Ours, now: Document, row: Theirs) -> bool:
    if row.currency and row.currency != ours.currency:
        return False  # an amount in riyals says nothing of one in dollars
    pairs = ((now.total, row.total), (now.vat, row.vat))
    return any(None not in pair and pair[0] != pair[1] for pair in pairs)


def _about_older(ours: Ours, matched: dict[int, Theirs]) -> Iterator[Finding]:
    for item in ours.documents:
        row = matched.get(item.revision)
        if item.revision != ours.current and row and row.word.is_accepted:
            yield _finding(Kind.SUPERSEDED_ACCEPTED, ours, item, row)


def _hashes(ours: Ours, matched: dict[int, Theirs]) -> Iterator[Finding]:
    for item in ours.documents:
        row = matched.get(item.revision)
        if row and row.hash and row.hash != item.hash:
            yield _finding(Kind.HASH_DIFFERS, ours, item, row)


def _all_strange(
    ours: Ours | None, strangers: Sequence[Theirs], known: Sequence[Theirs] = ()
) -> list[Finding]:
    """Documents that are none of ours; one that is accepted beside another is a second one."""
    found = []
    is_taken = any(row.word.is_accepted for row in known)
    for row in strangers:
        twice = is_taken and row.word.is_accepted
        found.append(
            _finding(Kind.DUPLICATE_NUMBER if twice else Kind.UNKNOWN_HERE, ours, None, row)
        )
        is_taken = is_taken or row.word.is_accepted
    return found


def _finding(kind: Kind, ours: Ours | None, item: Document | None, row: Theirs | None) -> Finding:
    believed = item or (ours.now if ours else None)
    return Finding(
        kind=kind,
        number=ours.number if ours else row.number if row else "",
        uuid=(row.uuid if row else "") or (item.uuid if item else ""),
        invoice_id=ours.invoice_id if ours else None,
        ours=believed.word if believed else Word.UNKNOWN if ours else "",
        theirs=row.word if row else "",
        our_total=item.total if item else None,
        their_total=row.total if row else None,
        our_vat=item.vat if item else None,
        their_vat=row.vat if row else None,
        our_hash=item.hash if item else "",
        their_hash=row.hash if row else "",
        csid=row.csid if row else "",
        icv=row.icv if row else None,
        line=row.line if row else 0,
    )
