"""The deadline calculator: no case, and no database is needed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import click

from appeals import screen_rules
from appeals.commands.app import App, reads
from appeals.commands.explained import Explained
from appeals.commands.types import DAY, MOMENT, PAYER, RECEIPT, UNREADABLE, YES_NO, Word
from appeals.errors import ImpossibleValue, MissingFact
from appeals.model import CARE, KINDS, PROGRAMMES
from appeals.packtables import FACTS, TRACKS, TRIGGERS
from appeals.services import calculator, governing

PLAN = ("programme", "funding", "grandfathered", "issue_state", "internal_levels", "rating_period_start")
CASE = ("kind", "care")
ZONE_HELP = "Time zone of typed times (else the practice's)."


def _zone(context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Kept on the app before any other option is read: a typed time is a time of this zone."""
    context.find_root().obj.zone_name, context.find_root().obj.zone_asked = value, True
    return value


@click.command(cls=Explained)
@click.argument("rule", default="", metavar="[RULE]")
@click.option("--step", type=Word(TRIGGERS), help="What happened: a denial to appeal, a filing to be decided ...")
@click.option("--programme", type=Word(PROGRAMMES), help="What kind of plan it is; it decides the law.")
@click.option("--funding", type=Word(("self_funded", "insured")), help="Who pays the claims out of their own money.")
@click.option("--grandfathered", type=YES_NO, help="Whether the plan is older than March 2010 and kept its terms.")
@click.option("--issue-state", help="State whose law governs the policy, two letters; for Medicaid the state.")
@click.option("--internal-levels", type=Word(("1", "2")), help="How many appeals the plan itself decides.")
@click.option("--rating-period-start", type=DAY, help="Medicaid managed care: first day of the plan's rating period.")
@click.option("--level", type=click.IntRange(1), help="Rung of the plan's ladder (else that of --track, else the first).")
@click.option("--kind", type=Word(KINDS), help="What was asked, and when (else a claim; with --expedited a request before the service).")
@click.option("--care", type=Word(CARE), help="Where the care is given, where times differ by it.")
@click.option("--expedited", is_flag=True, help="An urgent request or appeal.")
@click.option("--track", type=Word(TRACKS), help="Of an appeal: which one is to be filed, or was.")
@click.option("--payer", type=PAYER, default="", help="Count this payer's contract too, where the practice has loaded one.")
@click.option("--notice", type=DAY, help="Date on the notice.")
@click.option("--received", type=RECEIPT, help="When it was received; `unreadable` is an answer.")
@click.option("--sent", type=MOMENT, help="When the appeal or paper left the office.")
@click.option("--submitted", type=MOMENT, help="When the payer had the claim or request.")
@click.option("--printed-due", "printed", type=DAY, help="The last day the notice itself prints.")
@click.option("--fact", "others", multiple=True, metavar="NAME=DAY", help="Any other fact a rule counts from. Repeatable.")
@click.option("--extended", is_flag=True, help="The one who owes it took its lawful extension.")
@click.option("--zone", "zone_name", default="", help=ZONE_HELP, is_eager=True, callback=_zone)
@reads
@click.pass_obj
def due(
    app: App, /, rule: str, step: str | None, expedited: bool, payer: str, others: tuple[str, ...], extended: bool, **given: Any
) -> None:
    """Count a deadline without a case: by plan facts and step, or by a rule's id.

    Example: appeals due --step denial --programme employer --funding self_funded --notice 2026-11-02 --received 2026-11-06
    """
    facts = {
        name: given[name]
        for name in ("notice", "received", "sent", "submitted", "printed", "track", "rating_period_start")
        if given[name] is not None
    }
    if facts.get("received") == UNREADABLE:
        facts["receipt"] = facts.pop("received")
    facts |= {"extended": extended} | dict(_fact(each) for each in others)
    question = calculator.Question(
        rule=rule.upper(),
        step=step or "",
        plan={name: given[name] for name in PLAN},
        case={"urgency": "expedited" if expedited else "standard", **{name: given[name] for name in CASE}},
        level=given["level"],
        facts=facts,
        zone=app.zone_or_none,
        payer=payer,
    )
    own = governing.own(app.store.rule_packs()) if app.database_exists else ()
    app.show(screen_rules.due(calculator.due(question, own), app.day_anywhere))


def _fact(typed: str) -> tuple[str, date]:
    name, _, value = typed.partition("=")
    name = name.strip().replace("-", "_")
    if name not in FACTS or not value:
        raise MissingFact("A fact is written NAME=DAY.", f"Names: {', '.join(FACTS)}.")
    found = MOMENT.convert(value, None, click.get_current_context())
    if isinstance(found, datetime):
        return name, found.astimezone(UTC)
    if not isinstance(found, date):
        raise ImpossibleValue("This is not a day.", "Write NAME=2026-11-02.")
    return name, found
