"""Taking in a file of claims: each is opened, moved, added, proposed, ignored or left for a person.

One transaction a file, so it is taken in whole or not at all, and in it part after part, so that its size does not matter. An import never
writes money off.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import BinaryIO

from appeals.errors import FileRefused
from appeals.intake.formats import Format, format_of
from appeals.record import Change, IntakeFile, Problem, RemittanceEntry, Run
from appeals.services import writing
from appeals.services.file_read import FileRead, Part, Progress, unwatched
from appeals.services.file_reading import check, read_file
from appeals.services.kept import PIECE, UNDONE, WAITING, Original
from appeals.services.reconciling import Became
from appeals.services.store import Store
from appeals.services.takebacks import Settled
from appeals.services.undo import last_step

CHUNK = 1 << 16
FATES = ("opened", "moved", "added", "proposed", "ignored", "known", "person", "elsewhere", WAITING)
ASIDE = ("person", "elsewhere", WAITING)  # fates that are asked again


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a file, by whom (`by`: day, account). `fates` maps each fate to (claims, charged, paid, denied).

    `kind` is the format, `place` what its places are called: "segment 12", "line 12". `ignored` and `waiting` count claims by the
    reason why nothing came of them yet, `repeated` those that stood in the file before; `settled` are the entries beside the claims;
    `balance` is what they come to and what the payer says. Of a file that was `already` taken, `aside` counts what was set aside then.
    """

    name: str
    sha256: str
    kind: str = ""
    place: str = "segment"
    already: tuple[str, str] | None = None
    aside: Mapping[str, int] = field(default_factory=dict)
    fates: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    cases: tuple[Became, ...] = ()
    ignored: tuple[tuple[str, int], ...] = ()
    waiting: tuple[tuple[str, int], ...] = ()
    balance: tuple[int, int] | None = None
    repeated: int = 0
    settled: tuple[Settled, ...] = ()
    left: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    reconciled: str = ""
    dry_run: bool = False
    by: tuple[str, str] = ("", "")


def take_in(
    store: Store,
    name: str,
    stream: BinaryIO,
    run: Run,
    *,
    received: date | None = None,
    format: Format | None = None,
    again: bool = False,
    progress: Progress = unwatched,
) -> Taken:
    """Take in one file, whole or not at all. `name` is only printed; the bytes' SHA-256 is what is remembered.

    `format` is how it is read, where its own beginning does not say. By another one, or with `again`, the same bytes are read anew: what
    was taken is known then, what was set aside or undone is asked again. While claims are decided and written nobody else writes.

    Raises:
        FileRefused: no reader knows it; nothing was written.
        StaleCase: others kept writing; nothing was written, the same command may be repeated.
    """
    digest, size = _digest(stream)
    before = partial(_taken_before, store, digest, format, again=again)
    if (known := before()) is not None:
        return _already(name, known)
    back = check(how := format or format_of(stream), stream)

    def work() -> Taken:
        if (known := before()) is not None:
            return _already(name, known)  # somebody was faster
        found = FileRead(file_id=run.new_id(), format=how, digest=digest)
        file, keep = _file(found, size, run), partial(_keep, store, found, run)
        original = Original(file_id=file.id, pieces=partial(_pieces, stream, digest))
        store.apply([_begun(store, file, run)], request_id=run.request_id, original=original)
        stream.seek(0)
        read_file(store, stream, run, found, back=back, received=received, keep=keep, progress=progress)
        store.apply([_reconciled(file, found, run)], request_id="")
        return _taken(name, found, run)

    return store.together(work, kept=not run.dry_run)


def _taken_before(store: Store, digest: str, format: Format | None, *, again: bool) -> IntakeFile | None:
    """The file with these bytes, unless it is to be read again, or by another format now."""
    known = None if again else store.intake_file(digest)
    return None if known and format and known.kind != format.kind else known


def _already(name: str, before: IntakeFile) -> Taken:
    counts = {fate: int(count) for count, _, fate in (part.partition(" ") for part in before.summary.split(", ")) if fate in ASIDE}
    return Taken(name=name, sha256=before.sha256, already=(before.taken_on.isoformat(), before.taken_by), aside=counts)


def _taken(name: str, read: FileRead, run: Run) -> Taken:
    return Taken(
        name=name,
        sha256=read.digest,
        kind=read.format.kind,
        place=read.format.place,
        fates={fate: (s[0], s[1], s[2], s[3]) for fate in FATES if (s := read.sums.fates.get(fate))},
        cases=tuple(read.cases),
        ignored=tuple(read.ignored.most_common()),
        waiting=tuple(read.waiting.most_common()),
        balance=read.sums.balance,
        repeated=read.repeated,
        settled=tuple(read.settled),
        left=tuple(read.left),
        warnings=tuple(read.warnings),
        reconciled=read.reconciled,
        dry_run=run.dry_run,
        by=(run.on.isoformat(), run.actor),
    )


def _file(found: FileRead, size: int, run: Run) -> IntakeFile:
    return IntakeFile(
        id=found.file_id,
        practice_id=run.practice.id,
        sha256=found.digest,
        kind=found.format.kind,
        size=size,
        state="taken",
        taken_on=run.on,
        taken_by=run.actor,
    )


def _begun(store: Store, file: IntakeFile, run: Run) -> Change:
    """The file's own event, without patient data, before those of its cases.

    Where the same file was read before, this reading takes the place of that one, and what that one took stays taken.
    """
    before = store.intake_file(file.sha256)
    ends = [writing.Replaced(before=before, after=replace(before, state="read_anew"))] if before else []
    ends += [writing.Replaced(before=entry, after=replace(entry, fate=UNDONE)) for entry in _undone(store, before)] if before else []
    facts = {"kind": file.kind, "size": file.size} | writing.rows_told((file,), ends)
    entry = writing.event(run, "import", "intake", source={"sha256": file.sha256}, facts=facts)
    return Change(event=entry, puts=(*(row.after for row in ends), file))


def _undone(store: Store, file: IntakeFile) -> Iterator[RemittanceEntry]:
    """The entries of a file whose step somebody has undone, and nobody has taken since: they are asked again.

    What it proposed waits by itself once it is undone.
    """
    asked = {proposal.source for proposal in store.proposals()}
    for entry in store.entries_to_take(file.id):
        if f"{file.sha256}:{entry.segment}" in asked:
            continue
        log = [json.loads(stored.text) for stored in store.events(case_id=entry.case_id or "")]
        undone = {told["undoes"]: told["seq"] for told in log if told["undoes"] is not None}
        place = {"sha256": file.sha256, "segment": entry.segment}
        back = [undone[told["seq"]] for told in log if told["seq"] in undone and place.items() <= (told["source"] or {}).items()]
        since = last_step(log)
        # A case that was resolved anew since has an answer of its own; one that was made void has none.
        if back and not (since and since["seq"] > max(back) and since["name"] != "void"):
            yield entry


def _keep(store: Store, found: FileRead, run: Run, part: Part) -> Mapping[str, str]:
    """Write what was decided together, then the ledger of entries. The number of each case by its id; none where nothing stays."""
    facts = {"entries": len(part.entries)} | writing.rows_told(part.payers, [late.entry for late in part.late])
    tail = writing.event(run, "import", "remittance", source={"sha256": found.digest}, facts=facts)
    applied = store.apply(
        [*part.changes, Change(event=tail, puts=(*part.payers, *part.entries, *(late.entry.after for late in part.late)))], request_id=""
    )
    return {} if run.dry_run else {case.id: case.number for case in applied.cases}


def _reconciled(file: IntakeFile, read: FileRead, run: Run) -> Change:
    """What the whole file came to: claims by their fate, and its money."""
    counts = {fate: sums[0] for fate, sums in read.sums.fates.items()}
    told = {"claims": counts, "paid_cents": read.sums.paid, "charged_cents": read.sums.charged, "entries": read.entries}
    summed = writing.Replaced(
        before=file, after=replace(file, summary=", ".join(f"{count} {fate}" for fate, count in sorted(counts.items())))
    )
    facts = told | writing.rows_told((), (summed,))
    return Change(event=writing.event(run, "import", "reconciled", source={"sha256": file.sha256}, facts=facts), puts=(summed.after,))


def _pieces(stream: BinaryIO, digest: str) -> Iterator[bytes]:
    """The bytes that were read, to be kept. Raises FileRefused: they are others by now."""
    stream.seek(0)
    found = hashlib.sha256()
    while piece := stream.read(PIECE):
        found.update(piece)
        yield piece
    if found.hexdigest() != digest:
        raise FileRefused("It changed while it was read.", "Wait until it is whole, then try again.")


def _digest(stream: BinaryIO) -> tuple[str, int]:
    """The hash of the bytes and how many they are; the stream is left at its beginning."""
    found = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        found.update(chunk)
    size = stream.tell()
    stream.seek(0)
    return found.hexdigest(), size
