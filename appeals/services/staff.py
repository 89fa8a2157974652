"""The people of the office: who works here, what they are, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from appeals import mailing
from appeals.errors import ImpossibleValue, MissingFact, NotFound
from appeals.model import Person
from appeals.record import Change, Run
from appeals.services import opening, posting, writing
from appeals.services.store import Store

ROLES = ("biller", "manager")
FIELDS = ("name", "email", "role", "backup", "manager")
OTHERS = {"backup": "their own backup", "manager": "their own manager"}  # each an account of somebody else who is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """People, and whose a new case is where nobody says: "" is nobody's. `written` counts the people this command changed.

    `dropped` are the mails it gave up, since their reader gets none any more.
    """

    people: tuple[Person, ...]
    owner: str
    written: int = 0
    dry_run: bool = False
    already: bool = False
    dropped: int = 0


def listed(store: Store) -> Staff:
    """Everybody, by account."""
    people = store.people()
    return Staff(people=people, owner=opening.sole_owner(people))


def set_person(store: Store, account: str, facts: Mapping[str, Any], run: Run) -> Staff:
    """Add a person, or change what is given of one.

    Raises:
        MissingFact: nothing was given of somebody who is known. NotFound: the backup or the manager is nobody known.
        ImpossibleValue: the address is none, or somebody would be their own backup or manager.
    """
    writing.of_many_cases(run)
    if (before := writing.already(store, run, "person")) is not None:
        if before["facts"]["account"] != account:
            raise ImpossibleValue("This request id was used before, for another person.", "Give each command a request id of its own.")
        return replace(listed(store), people=tuple(p for p in store.people() if p.account == account), already=True)
    after: list[Person] = []
    changes: list[Change] = []

    def decide() -> list[Change]:
        people = store.people()
        known = next((person for person in people if person.account == account), None)
        after[:] = [_as_told(people, known, account, facts, run)]
        changes[:] = [] if after[0] == known else [_change(known, after[0], run)]
        return changes

    writing.commit_afresh(store, run, decide)
    dropped = posting.drop_for(store, run, account) if facts.get("no_email") else ()
    everybody = {person.account: person for person in (*store.people(), *after)}
    return Staff(
        people=tuple(after),
        owner=opening.sole_owner(tuple(everybody.values())),
        written=0 if run.dry_run else len(changes),
        dry_run=run.dry_run,
        dropped=len(dropped),
    )


def backup_of(store: Store, account: str) -> str:
    """Who stands in for this account. Raises MissingFact where nobody does."""
    found = next((person.backup for person in store.people() if person.account == account), "")
    if not found:
        raise MissingFact(
            "Nobody to give the work to: no backup is on record.", "`--to ACCOUNT`, or `appeals person ACCOUNT --backup ANOTHER` first."
        )
    return found


def _as_told(people: Sequence[Person], known: Person | None, account: str, facts: Mapping[str, Any], run: Run) -> Person:
    told = {name: facts[name] for name in FIELDS if facts.get(name)}
    told |= _address(account, facts)
    for name, what in OTHERS.items():
        other = told.get(name, "")
        if facts.get(f"no_{name}"):
            if other:
                raise ImpossibleValue(f"--{name} and --no-{name} contradict each other.", "Give one of them.")
            told[name] = ""
        if other == account:
            raise ImpossibleValue(f"Nobody is {what}.", "Name somebody else.")
        if other and not any(person.account == other for person in people):
            raise NotFound(f"Nobody here has the account {other!r}.", "Add them first: `appeals person ACCOUNT --name NAME`.")
    if known is None:
        return Person(id=run.new_id(), practice_id=run.practice.id, account=account, **({"name": account} | told))
    if not told:
        raise MissingFact("Nothing was given to change.", "`appeals person --help` lists what can be, for example `--backup ben`.")
    return replace(known, **told)


def _address(account: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """What `--no-email` changes; an address that is given is checked."""
    address = facts.get("email")
    if address and facts.get("no_email"):
        raise ImpossibleValue("--email and --no-email contradict each other.", "Give one of them.")
    if address and not mailing.is_address(address):
        raise ImpossibleValue(f"The e-mail address given for {account} is none.", "One plain address: --email NAME@DOMAIN.")
    return {"email": ""} if facts.get("no_email") else {}


def _change(before: Person | None, after: Person, run: Run) -> Change:
    """The person and the event; an e-mail address stays out of the trail, that it changed does not."""
    changed = writing.differences(
        before or Person(id=after.id, practice_id=after.practice_id, account=after.account, name="", role=""), after
    )
    email = changed.pop("email", None)
    facts = {"account": after.account, "person": after.id, "new": before is None, "fields": changed, "email_changed": email is not None}
    return Change(event=writing.event(run, "setup", "person", facts=writing.plain(facts)), puts=(after,))
