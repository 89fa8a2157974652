"""Commands of every day: what to do, the lists, one case, and opening one."""

from __future__ import annotations

from typing import Any

import click

from appeals import codes, screen_case, screen_queue, screen_today, screens, suggesting, typed
from appeals.commands import step_options, steps
from appeals.commands.acceptable import LONGEST_NAME
from appeals.commands.app import App, looks, reads, writes
from appeals.commands.explained import Explained
from appeals.commands.types import ACCOUNT, CASE, CENTS, DAY, MOMENT, NEEDED, NEEDED_ACCOUNT, PAYER, Word
from appeals.errors import ImpossibleValue
from appeals.model import State
from appeals.packtables import TRACKS
from appeals.services import codebook, doubts, governing, hindsight, lists, looking, marks, queueing, statements


@click.command(cls=Explained)
@click.option("--owner", type=ACCOUNT, default="", help="Only this account's cases, and unowned ones.")
@click.option("--check", is_flag=True, help="Exit 3 when something is overdue, or waits for a decision or a person.")
@reads
@click.pass_obj
def today(app: App, owner: str, check: bool) -> None:
    """What to do today, worst first.

    Example: appeals today --owner ana
    """
    known = hindsight.on(app.store, app.day)
    view = lists.today(known, app.day, owner=owner)
    app.show(screen_today.today(view, app.look).warned(hindsight.untold(known)))
    app.finish(3 if check and view.alarming else 0)


@click.command(cls=Explained)
@click.option("--owner", type=ACCOUNT, default="", help="Only this account's cases.")
@click.option("--payer", type=PAYER, default="", help="Only payers whose name has this in it.")
@click.option("--state", default="", type=Word(["", *(str(s) for s in State)]), help="Only cases in this state.")
@click.option("--category", default="", type=Word(("", *step_options.CATEGORIES)), help="Only what was denied for this.")
@click.option("--clock", default="", help="Only cases on which a clock of this name, or part of it, runs.")
@click.option("--by", default="weight", show_default=True, type=Word(("weight", "date")), help="What puts it in order.")
@reads
@click.pass_obj
def queue(app: App, /, by: str, **asked: str) -> None:
    """Open cases by weight: money at stake x chance x urgency. A last day that has come stands first.

    Example: appeals queue --payer carolina --clock "external review"
    """
    wanted, by_date, known = queueing.Wanted(**asked), by == "date", hindsight.on(app.store, app.day)
    items = queueing.queue(known, app.day, wanted, by_date=by_date)
    drawn = screen_queue.queue(items, app.look, app.day, by_date=by_date, narrowed=not wanted.anything)
    app.show(drawn.warned(hindsight.untold(known)))


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@looks
@click.pass_obj
def show(app: App, ref: str) -> None:
    """One case on one screen. Writes a read event first.

    Example: appeals show A-12
    """
    situation, events = looking.show(app.store, ref, app.run(), day=app.day)
    found, said = doubts.found(situation, app.day), doubts.of(situation)
    addresses, backup = governing.addresses(situation), looking.backup_of(hindsight.on(app.store, app.day), situation.case.owner)
    told, texts = statements.told(app.store, situation.case.id, app.day), codebook.texts(app.store, app.day)
    drawn = screen_case.case(
        situation, events, app.look, found=found, doubts=said, addresses=addresses, backup=backup, told=told, texts=texts
    )
    app.show(drawn)


@click.command("next", cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@reads
@click.pass_obj
def next_steps(app: App, ref: str) -> None:
    """What is possible for a case, and why the rest is not.

    Example: appeals next A-12
    """
    situation = looking.case_on(app.store, ref, app.day)
    unread = situation.case.state in (State.DENIED, State.EOB_REVIEWED)
    suggested = suggesting.of(situation, codes.load(), codebook.texts(app.store, app.day)) if unread else None
    possible = lists.options(situation, app.run(), day=app.day)
    drawn = screens.options(situation, possible, suggested, forum=lists.forum(situation, app.day))
    app.show(drawn.warned(situation.untold))


@click.command(cls=Explained)
@click.argument("words", nargs=-1, required=True)
@looks
@click.pass_obj
def find(app: App, words: tuple[str, ...]) -> None:
    """Find cases by any number, a name or a member id. By name or member id it writes read events.

    Example: appeals find CLM-7
    """
    if len(" ".join(words)) > LONGEST_NAME:
        raise ImpossibleValue("These are more words than any name has.", "Give a number, or a part of the name.")
    app.show(screens.found(looking.find(app.store, typed.words(" ".join(words)), app.run(), day=app.day), app.look))


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.option("--all", "every", is_flag=True, help="Show clocks that have ended too.")
@reads
@click.pass_obj
def clocks(app: App, ref: str, every: bool) -> None:
    """A case's clocks.

    Example: appeals clocks A-12
    """
    situation = looking.case_on(app.store, ref, app.day)
    found, said = doubts.found(situation, app.day), doubts.of(situation)
    app.show(screens.clocks(situation, app.look, every=every, found=found, doubts=said))


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.argument("clock", default="")
@reads
@click.pass_obj
def why(app: App, ref: str, clock: str) -> None:
    """Why a date is what it is: rule, citation, arithmetic. CLOCK is a clock's name, or a part of it.

    Example: appeals why A-12 internal
    """
    situation, explained = looking.why(app.store, ref, clock, app.day)
    app.show(screens.why(situation.case, explained).warned(situation.untold))


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.argument("name", type=Word(marks.MARKS), metavar="MARK")
@click.option(
    "--date",
    "dated",
    type=MOMENT,
    help="Day, or moment (2026-11-09T15:00), it happened (default: today); peer-scheduled: when the call will be.",
)
@click.option(
    "--received",
    type=DAY,
    help="info-requested: when the letter reached the office; claim-accepted: when the payer had the claim; if that can be proved.",
)
@click.option("--text", default="", help="What else to keep, in your own words; shown in the trail.")
@click.option("--of", type=Word(("filing", "denial")), help="received: which of two papers it was.")
@click.option(
    "--filing", type=Word(TRACKS), help="received, acknowledged, proof-added: which filing, by its track, where several are pending."
)
@click.option("--interest", type=CENTS, help="payment-posted: interest or a penalty the payer added; it is no money of the claim.")
@click.option("--to", type=ACCOUNT, help="owner-changed: the new owner's account.")
@click.option("--to-patient", is_flag=True, help="payment-posted: the payer paid the patient, not the practice.")
@click.option(
    "--until",
    type=DAY,
    help="fsa-run-out: the last day the patient's FSA takes claims; reminder-snoozed: when to remind again.",
)
@click.option("--clock", default="", help="reminder-snoozed: the name of one clock, or part of it; else all of ours.")
@step_options.all_of(step_options.AUTHORISED)
@step_options.all_of(step_options.PROOF)
@step_options.all_of(tuple(each for each in step_options.DENIAL if each is not step_options.NOTICE_RECEIVED))
@writes
@click.pass_obj
def mark(app: App, /, ref: str, name: str, **facts: Any) -> None:
    """Keep a dated fact that moves no state: received, acknowledged, payment-posted, denial-added ...

    Example: appeals mark A-12 received --date 2026-11-09
    """
    app.show(screens.done("mark", marks.mark(app.store, ref, name, steps.told(facts), app.run())))


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.argument("text", type=NEEDED)
@writes
@click.pass_obj
def note(app: App, ref: str, text: str) -> None:
    """Keep a note on a case.

    Example: appeals note A-12 "records requested from Dr Reyes"
    """
    app.show(screens.done("note", marks.mark(app.store, ref, "note", {"text": text}, app.run())))


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.argument("account", type=NEEDED_ACCOUNT)
@writes
@click.pass_obj
def assign(app: App, ref: str, account: str) -> None:
    """Give a case an owner.

    Example: appeals assign A-12 ana
    """
    app.show(screens.done("assign", marks.mark(app.store, ref, "owner-changed", {"to": account}, app.run())))
