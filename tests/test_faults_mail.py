"""Kill the daily run at its file operations while it mails: ledger and outbox agree after it, the next run completes, nothing is lost.

A kill between a server's taking a message and our writing that down makes one more copy of that message, and nothing else does. Some twenty
kills here; `make soak` takes all.
"""

from __future__ import annotations

import json
import shutil
import signal
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import test_faults
from mailserver import FaultyServer, forever
from test_faults import DENIED, INIT, PAPER, Kill, Outcome, Program, injector, launchers, place, sampled, suffer_all, unfinished
from test_posting import configured, smtp

from appeals.ids import Ids
from appeals.mailterms import DROPPED, FAILED, SENDING, SENT, WAITING, terms
from appeals.record import Run
from appeals.services.posting import post
from db.store import SqlStore

__all__ = ["injector", "launchers", "place"]

pytestmark = test_faults.pytestmark
THIRD = 3  # of those other commands are killed at: a kill here has three runs behind it, and mail
ALL = (WAITING, SENDING, SENT, FAILED, DROPPED)
STAFF = (
    ("person", "ana", "--name", "Ana", "--email", "ana@clinic.example"),
    ("person", "lee", "--name", "Lee", "--email", "lee@clinic.example", "--role", "manager"),
    ("person", "zoe", "--name", "Zoe", "--email", "zoe@clinic.example"),  # with nothing to do
)


class Mailing(Program):
    """A daily run that mails to a server of its own in each folder."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self.servers: dict[Path, FaultyServer] = {}
        self.unwritten: list[int] = []  # a kill each: how many messages a server had taken, and nobody had written that down

    def surroundings(self, folder: Path) -> dict[str, object]:
        """Its mail settings, beside the folder that is watched."""
        if folder not in self.servers:
            self.servers[folder] = FaultyServer(forever())
        beside = folder.with_name(f"{folder.name}-config")
        beside.mkdir(exist_ok=True)
        return {"APPEALS_CONFIG": configured(beside, self.servers[folder].port)}

    def suffer(self, kill: Kill) -> Outcome:
        folder = self.copy(f"{kill.mode}-{kill.number}")
        killed = self.run(self.command, folder, at=kill.number, mode=kill.mode)
        begun, (_, there) = unfinished(folder / "appeals.db"), self.entries(folder)
        server = self.servers[folder]
        with server, SqlStore(folder / "appeals.db") as store:
            findings = disagreements(store)
            unknown = [one.message_id for one in store.outbox(SENDING)]
            allowed = sum(server.copies()[one] for one in unknown)  # taken, and nobody wrote that down
            self.unwritten.append(allowed)
            next_run = self.run(("remind",), folder)
            findings += [f"the next run ended with {next_run.code}: {next_run.said}"] if next_run.code else []
            findings += disagreements(store)
            waits = [one for one in store.outbox(WAITING) if one.message_id not in unknown]
            findings += [f"{len(waits)} still wait after the next run"] if waits else []
            post(store, half_an_hour_later(store), smtp(server), now=lost)
            findings += copies(store, server, allowed)
        doctor = self.run(("doctor",), folder)
        findings += [f"doctor: {doctor.said}"] if doctor.code else []
        findings += [f"ended with {killed.code}: {killed.said}"] if killed.code not in (0, -signal.SIGKILL) else []
        shutil.rmtree(folder)
        return Outcome(kill, killed.code == -signal.SIGKILL, begun and not there, tuple(findings))


def lost() -> datetime:
    """When a message that was begun and not ended counts as lost."""
    return datetime.now(UTC) + timedelta(minutes=terms().lost_minutes + 1)


def half_an_hour_later(store: SqlStore) -> Run:
    ids = Ids(clock=lambda: datetime.now(UTC))
    return Run(
        practice=store.practice, recorded_at=lost(), on=date.today(), actor="root",  # noqa: DTZ011 - any day
        request_id=ids.new_id(), new_id=ids.new_id, new_nonce=ids.new_nonce,
    )  # fmt: skip


def disagreements(store: SqlStore) -> list[str]:
    """Where the log, the ledger and the outbox say different things of who was told."""
    entries = [json.loads(stored.text) for stored in store.events(kind="reminder")]
    runs = [entry["facts"] for entry in entries if entry["name"] == "remind"]
    told = sorted(entry["facts"]["to"] for entry in entries if entry["name"] == "reminded" and entry["facts"]["channel"] == "mail")
    ledger = sorted(count.recipient for run in runs for count in store.ledger(run["ledger"]).counts() if count.channel == "mail")
    outbox = sorted(one.account for one in store.outbox(*ALL))
    wanted = ["ana", "lee", "zoe"] if runs else []
    said = [] if outbox == wanted else [f"in the outbox are {outbox}, not {wanted}"]
    said += [] if sum(run["messages"] for run in runs) == len(outbox) else ["the log has another number of messages"]
    mailed = sum(entry["name"] == "mailed" for entry in entries)
    said += [] if mailed == len(store.outbox(SENT)) else [f"{mailed} entries for {len(store.outbox(SENT))} sent messages"]
    return said + ([] if sorted({*ledger}) == told and {*told} <= {*outbox} else [f"told {told}, in the ledger {ledger}"])


def copies(store: SqlStore, server: FaultyServer, allowed: int) -> list[str]:
    """What was lost, or came more often than kills allow."""
    found, wanted = server.copies(), {one.message_id for one in store.outbox(SENT)}
    said = [] if {one.account for one in store.outbox(*ALL)} == {one.account for one in store.outbox(SENT)} else ["not all are sent"]
    said += [] if {*found} == wanted else [f"{len(wanted - {*found})} lost, {len({*found} - wanted)} never written"]
    more = found.total() - len(found)
    return said + ([] if more == allowed else [f"{more} more copies, where {allowed} had been taken and not written down"])


def mailing_run(launchers, place) -> tuple[Mailing, list[Kill]]:
    program = Mailing(launchers, place, "remind")
    kills = program.plan(INIT, *STAFF, (*PAPER, "--owner", "ana", *DENIED))
    assert program.servers[place / "traced"].copies().total() == len(STAFF)
    return program, kills


def test_a_daily_run_killed_anywhere_while_it_mails_loses_no_mail_and_the_next_run_ends_it(launchers, place, capsys):
    program, kills = mailing_run(launchers, place)
    suffer_all(program, sampled(kills)[::THIRD], "remind with mail", capsys)
    assert {*program.unwritten} == {0, 1}, "no kill fell between the taking and the writing down"


@pytest.mark.soak
def test_a_daily_run_killed_at_every_single_operation_while_it_mails_loses_no_mail(launchers, place, capsys):
    program, kills = mailing_run(launchers, place)
    suffer_all(program, kills, "remind with mail, every kill", capsys)
    assert {*program.unwritten} == {0, 1}
