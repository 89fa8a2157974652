"""What one person is told on one day: the values every channel is made from. Nothing in them is of a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from appeals import show
from appeals.standing import OURS

FIRST = 10  # cases that are named
BUCKETS = ("overdue", "late", "today", "soon")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One clock of one case that wants attention. `number` and `link` say which; no name, no payer's number, nobody's words.

    `bucket` is one of BUCKETS, `days_left` are calendar days to `work_by` (negative where it has passed), `last_day` is the last
    that can still count. `hour` is the local time of an hour clock, in words. `standing`: an expired hard clock that stays until
    somebody records the cause by `expire`. `because` says why this person is told: owner, backup, manager.
    """

    clock_id: str
    number: str
    payer: str
    clock: str
    bucket: str
    work_by: date
    last_day: date
    days_left: int
    hour: str = ""
    owed_by: str = "us"
    owner: str = ""
    because: str = "owner"
    stage: str = ""
    consequence: str = ""
    next_step: str = ""
    candidate: bool = False
    verified: bool = True
    standing: bool = False
    kind: str = ""


def what_follows(item: Item) -> tuple[str, ...]:
    """What follows from a time that ran out, what to do next, and how it leaves the list; nothing of what still runs."""
    ours, said = item.owed_by in OURS, []
    if item.bucket == "overdue" or (item.bucket == "late" and not ours):
        whose = "" if ours else f"the {item.owed_by} let its time run out: "
        said.append("; ".join(filter(None, (f"{whose}{item.clock}", item.consequence, item.next_step and f"next: {item.next_step}"))))
    if item.standing:
        said.append(f"stays here until somebody records the cause: `appeals expire {item.number} --cause ... --signed ...`")
    return tuple(f"{item.number}: {each}" for each in said)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDigest:
    """Everything one account is told at once. `items` are in the order they are to be worked; `head` is the log's head line.

    `email` is "" where the person has none. `totals` counts the items by bucket. A digest without items is the sign of life that
    goes out where nothing is due. A manager is told too whom no mail reaches: `unreached` have no address and were told something,
    of `refused` a server took no mail, and nobody has mended it, and for `delayed` one has waited longer than it may.
    `asked` are the cases of proposals that wait for a decision, one for each, and `left` counts the claims of files that
    wait for a person: a manager's are everybody's, else only of one's own cases.
    """

    practice: str
    account: str
    name: str
    email: str
    manager: bool
    on: date
    items: Sequence[Item] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    head: str = ""
    sandbox: bool = False
    unreached: Sequence[str] = ()
    refused: Sequence[str] = ()
    delayed: Sequence[str] = ()
    asked: Sequence[str] = ()
    left: int = 0

    @property
    def waits(self) -> bool:
        """Whether something that files brought waits for an answer."""
        return bool(self.asked or self.left)


def what_waits(digest: PersonDigest) -> tuple[str, ...]:
    """What files brought and nobody has answered: case numbers and counts."""
    said = []
    if digest.asked:
        cases = [*dict.fromkeys(digest.asked)]
        more = f" and {show.count(len(cases) - FIRST, 'more case')}" if len(cases) > FIRST else ""
        waits = "1 proposal waits" if len(digest.asked) == 1 else f"{len(digest.asked)} proposals wait"
        said.append(f"{waits} for a decision, on {', '.join(cases[:FIRST])}{more}: `appeals intake resolve --list`.")
    if digest.left:
        is_left = "1 claim of a file is" if digest.left == 1 else f"{digest.left} claims of files are"
        said.append(f"{is_left} left for a person: `appeals intake resolve --list`.")
    return tuple(said)
