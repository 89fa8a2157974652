"""Taking in a file of claims: each is opened, moved, added, proposed, ignored or left for a person.

One transaction a file, so it is taken in whole or not at all. An import never writes money off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import BinaryIO

from appeals.errors import FileRefused
from appeals.intake.formats import Format, format_of
from appeals.record import Change, IntakeFile, Problem, Run
from appeals.services import writing
from appeals.services.file_reading import FileRead, Progress, read_file, unwatched
from appeals.services.kept import PIECE, Original
from appeals.services.overlay import AGAIN
from appeals.services.store import Store
from appeals.services.takebacks import Settled

CHUNK = 1 << 16
FATES = ("opened", "moved", "added", "proposed", "ignored", "known", "person", "elsewhere")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a file, by whom (`by`: day, account). `fates` maps each fate to (claims, charged, paid, denied).

    `kind` is the format, `place` what its places are called: "segment 12", "line 12". `cases` are (number, what became of it, by
    what it was found); `repeated` counts the claims that stood in the file before; `settled` are the entries beside the claims.
    """

    name: str
    sha256: str
    kind: str = ""
    place: str = "segment"
    already: tuple[str, str] | None = None
    fates: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    cases: tuple[tuple[str, str, str], ...] = ()
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
    progress: Progress = unwatched,
) -> Taken:
    """Take in one file, whole or not at all. `name` is only printed; the bytes' SHA-256 is what is remembered.

    `format` is how it is read, where its own beginning does not say. The same bytes are read again by another one.

    Raises:
        FileRefused: no reader knows it; nothing was written.
        StaleCase: somebody moved a case meanwhile; nothing was written, the same command may be repeated.
    """
    digest = _digest(stream)
    size = stream.tell()
    read: list[FileRead] = []

    def decide() -> tuple[Change, ...]:
        stream.seek(0)
        read.clear()
        known = store.intake_file(digest)
        anew = known if known and format and known.kind != format.kind else None
        if known is None or anew is not None:
            how = format or format_of(stream)
            read.append(read_file(store, stream, run, format=how, digest=digest, received=received, progress=progress))
        return _changes(run, size, read[0], anew) if read else ()

    kept = partial(_pieces, stream, digest)
    applied = writing.commit_afresh(store, run, decide, lambda: Original(file_id=read[0].file_id, pieces=kept))
    if read:
        return _taken(name, read[0], {case.id: case.number for case in applied.cases} if applied else {}, run)
    return _already(store, name, digest)


def _already(store: Store, name: str, digest: str) -> Taken:
    before = store.intake_file(digest)
    if before is None:
        raise RuntimeError("a file that was not read has been taken in before")
    return Taken(name=name, sha256=digest, already=(before.taken_on.isoformat(), before.taken_by))


def _taken(name: str, read: FileRead, numbers: dict[str, str], run: Run) -> Taken:
    return Taken(
        name=name,
        sha256=read.digest,
        kind=read.format.kind,
        place=read.format.place,
        fates={fate: (s[0], s[1], s[2], s[3]) for fate in FATES if (s := read.sums.fates.get(fate))},
        cases=tuple((numbers.get(f.case_id, f.number), f.reason, f.matched) for f in read.decided if f.case_id and f.reason),
        repeated=sum(f.reason == AGAIN for f in read.decided),
        settled=tuple(replace(one, number=numbers.get(one.case_id, one.number)) for one in read.settled),
        left=tuple(Problem(segment=f.segment, message=f.reason) for f in read.decided if f.name == "person"),
        warnings=tuple(read.warnings),
        reconciled=read.reconciled,
        dry_run=run.dry_run,
        by=(run.on.isoformat(), run.actor),
    )


def _changes(run: Run, size: int, read: FileRead, before: IntakeFile | None) -> tuple[Change, ...]:
    """The file's own event without patient data, then each case's; the ledger of entries goes with the file.

    `before` is the same file as it was read by another format: this reading takes its place, and what it took stays taken.
    """
    counts = {fate: sums[0] for fate, sums in read.sums.fates.items()}
    told = {"kind": read.format.kind, "size": size, "claims": counts, "paid_cents": read.sums.paid, "charged_cents": read.sums.charged}
    file = IntakeFile(
        id=read.file_id,
        practice_id=run.practice.id,
        sha256=read.digest,
        kind=read.format.kind,
        size=size,
        state="taken",
        taken_on=run.on,
        taken_by=run.actor,
        summary=", ".join(f"{count} {fate}" for fate, count in sorted(counts.items())),
    )
    source, payers = {"sha256": read.digest}, tuple(read.payers.values())
    ends = [writing.Replaced(before=before, after=replace(before, state="read_anew"))] if before else []
    head = writing.event(run, "import", "intake", source=source, facts=told | writing.rows_told((file, *payers), ends))
    moves = [change for fate in read.decided for change in fate.changes]
    moves += [change for one in read.settled for change in one.changes]
    tail = writing.event(run, "import", "remittance", source=source, facts={"entries": len(read.entries)})
    return (Change(event=head, puts=(*(row.after for row in ends), file, *payers)), *moves, Change(event=tail, puts=tuple(read.entries)))


def _pieces(stream: BinaryIO, digest: str) -> Iterator[bytes]:
    """The bytes that were read, to be kept. Raises FileRefused: they are others by now."""
    stream.seek(0)
    found = hashlib.sha256()
    while piece := stream.read(PIECE):
        found.update(piece)
        yield piece
    if found.hexdigest() != digest:
        raise FileRefused("It changed while it was read.", "Wait until it is whole, then try again.")


def _digest(stream: BinaryIO) -> str:
    found = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()
