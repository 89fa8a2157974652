"""Papers of a case: kept with the hash of their bytes, listed without a name, given out after a read event, hashed again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from appeals.errors import Ambiguous, FileRefused, NotFound
from appeals.model import Case
from appeals.record import LARGEST_DOCUMENT, Document, Run, Situation
from appeals.services import looking, steps, writing
from appeals.services.steps import Done
from appeals.services.store import Store

ENOUGH = 4  # letters of a hash somebody must give
SHORT = 12  # letters of a hash that tell papers apart for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A paper of a case, and whether its bytes still have the hash they were kept under."""

    document: Document
    holds: bool


def add(store: Store, ref: str, content: bytes, name: str, kind: str, direction: str, dated: date | None, run: Run) -> Done:
    """Keep a paper in the database. The file's name stays out of the trail.

    The same bytes are kept once a case under each kind: one scan may hold a letter and the records sent with it.

    Raises:
        FileRefused: it is empty or larger than a document may be.
    """
    situation = store.situation(ref)
    case = situation.case
    if (before := writing.already(store, run, "document-added", case.id)) is not None:
        return Done(case=case, step="document add", was="", already=before["on"])
    writing.unmoved(store, case, run)
    steps.not_in_the_future({"dated": dated}, run.on)
    if not content:
        raise FileRefused("The file is empty.", "Name the file that holds the paper.")
    if len(content) > LARGEST_DOCUMENT:
        raise FileRefused(f"The file is larger than {LARGEST_DOCUMENT >> 20} MB.", "Split it, or scan it smaller.")
    digest = hashlib.sha256(content).hexdigest()
    if same := next((paper for paper in situation.documents if (paper.sha256, paper.kind) == (digest, kind)), None):
        said = f"on file since {same.dated} as {same.kind} {same.sha256[:SHORT]}; nothing was written"
        return Done(case=case, step="document add", was=str(case.state), told=said, dry_run=run.dry_run)
    paper = Document(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        kind=kind,
        direction=direction,
        dated=dated or run.on,
        sha256=digest,
        size=len(content),
        name=name,
        content=content,
    )
    facts = {"kind": kind, "direction": direction, "dated": paper.dated, "sha256": digest, "size": paper.size}
    change = writing.case_change(run, "mark", "document-added", before=case, after=writing.touched(case), facts=facts, makes=(paper,))
    writing.commit(store, run, [change])
    said = f"{kind} of {paper.dated}, {paper.size} bytes, SHA-256 {digest[:SHORT]}"
    return Done(case=change.after or case, step="document add", was=str(case.state), told=said, dry_run=run.dry_run)


def of_case(store: Store, ref: str, day: date) -> tuple[Case, tuple[Document, ...]]:
    """The papers of a case as they were on file at the end of `day`, without bytes."""
    situation = looking.case_on(store, ref, day)
    return situation.case, situation.documents


def get(store: Store, ref: str, digest: str, run: Run, *, day: date) -> tuple[Document, bytes]:
    """A paper on file at the end of `day` and its bytes, after the read event is on disk.

    `digest` is its SHA-256, the beginning of it, or its kind.

    Raises:
        NotFound, Ambiguous: no paper of the case, or several, begin so. FileRefused: its bytes are not those that were kept.
    """
    situation = looking.case_on(store, ref, day)
    paper = _one(situation, digest)
    looking.record_reads(store, [(looking.known_as(situation.patient), situation.case.id)], "document-get", run, sha256=paper.sha256)
    content = store.content(paper.id)
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise FileRefused("Its bytes are not those that were kept.", "Restore a backup; `appeals doctor` looks at the rest.")
    return paper, content


def verify(store: Store, ref: str, day: date) -> tuple[Case, tuple[Checked, ...]]:
    """Every paper of a case with its bytes hashed anew."""
    case, papers = of_case(store, ref, day)
    return case, tuple(Checked(document=p, holds=hashlib.sha256(store.content(p.id)).hexdigest() == p.sha256) for p in papers)


def _one(situation: Situation, digest: str) -> Document:
    wanted = digest.strip().lower()
    of_kind = [paper for paper in situation.documents if paper.kind == wanted.replace(" ", "_")]
    by_hash = [paper for paper in situation.documents if len(wanted) >= ENOUGH and paper.sha256.startswith(wanted)]
    found = of_kind or by_hash
    number = situation.case.number
    if not found:
        raise NotFound(f"Case {number} has no document {digest!r}.", f"`appeals document list {number}` lists them.")
    if len({paper.sha256 for paper in found}) > 1:
        raise Ambiguous(f"{len(found)} documents of case {number} fit.", "Give its SHA-256, or more of it.", [p.sha256 for p in found])
    return found[0]
