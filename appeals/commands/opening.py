"""Opening a case by hand, and the plan behind it."""

from __future__ import annotations

from typing import Any

import click

from appeals import screen_office, screens
from appeals.commands import step_options, steps
from appeals.commands.app import App, writes
from appeals.commands.explained import Explained
from appeals.commands.types import ACCOUNT, CASE, CENTS, DAY, MOMENT, NEEDED, PAYER, YES_NO, Word
from appeals.model import CARE, KINDS, PROGRAMMES, UNKNOWN
from appeals.services import cases, plans


@click.command("open", cls=Explained)
@click.option(
    "--same-as",
    metavar="CASE",
    type=CASE,
    help="Take patient, payer, coverage, provider, network, assignment, kind and owner from this case; any given option goes before.",
)
@click.option("--patient", help="Name as the payer writes it; needless with --same-as, or with --member-id and --born of one on file.")
@click.option("--born", type=DAY, help="The patient's birth date.")
@click.option("--mrn", help="The patient's record number in your own chart.")
@click.option("--payer", type=PAYER, help="Name of the insurer or plan that pays; needless with --same-as.")
@click.option("--payer-number", help="The payer's id in electronic claims.")
@click.option("--member-id", help="Member id as on the insurance card.")
@click.option("--group", help="Group number as on the insurance card.")
@click.option("--claim", required=True, help="Our claim number, or the authorisation request's.")
@click.option("--control-number", help="The payer's claim control number.")
@click.option("--kind", type=Word(KINDS), show_default=cases.USUAL_KIND, help="What was asked of the payer, and when.")
@click.option("--billed", type=CENTS, help="What we charged for it, in dollars.")
@click.option("--service-from", type=DAY, help="First day the care was given.")
@click.option("--service-to", type=DAY, help="Last day the care was given (default: the first).")
@click.option("--expedited", is_flag=True, help="The request is urgent: the payer must answer faster.")
@click.option("--submitted", type=MOMENT, help="Day (or moment, 2026-11-02T09:30) the payer received the claim.")
@click.option("--care", type=Word(CARE), help="Where the care is given, where times differ by it.")
@click.option("--network", type=Word(("in", "out", "unknown")), help="Whether we are in this payer's network.")
@click.option("--assignment", type=YES_NO, help="Whether the patient signed the benefits over to us.")
@click.option("--provider", help="Who gave the care.")
@click.option("--npi", help="National number (NPI) of whoever gave the care.")
@click.option("--owner", type=ACCOUNT, help="Login name of whoever works the case.")
@click.option("--programme", type=Word(PROGRAMMES), help="What kind of plan it is; it decides the law.")
@click.option("--funding", type=Word(("self_funded", "insured")), help="Who pays the claims out of their own money.")
@click.option("--grandfathered", type=Word(("yes", "no")), help="Whether the plan is older than March 2010 and kept its terms.")
@click.option("--issue-state", help="State whose law governs the policy, two letters; for Medicaid the state.")
@click.option("--internal-levels", type=Word(("1", "2")), help="How many appeals the plan itself decides.")
@click.option("--denied", is_flag=True, help="The paper at hand is a denial: record it too.")
@step_options.all_of(step_options.DENIAL)
@writes
@click.pass_obj
def open_case(app: App, /, denied: bool, expedited: bool, **facts: Any) -> None:
    """Open a case; with --denied a paper EOB is one command.

    With --same-as another case, or with the member id of somebody on file, nobody is typed again; nothing about them is printed.

    Example: appeals open --patient "Doe, Jane" --payer "Carolina Mutual" --claim C-77 --billed 1200 --denied --notice 2026-11-02
    --amount 1200 --code CO-50
    """
    told = steps.told(facts) | ({"urgency": "expedited"} if expedited else {})
    app.show(screens.done("open", cases.open_case(app.store, told, app.run(), denied=denied)))


def plan_facts(command: Any) -> Any:
    """The plan-fact options coverage and payer share."""
    for option in (
        click.option("--internal-levels", type=Word(("1", "2", UNKNOWN)), help="How many appeals the plan itself decides."),
        click.option("--issue-state", help="State whose law governs the policy, two letters; for Medicaid the state."),
        click.option(
            "--grandfathered", type=Word(("yes", "no", UNKNOWN)), help="Whether the plan is older than March 2010 and kept its terms."
        ),
        click.option("--funding", type=Word(("self_funded", "insured", UNKNOWN)), help="Who pays the claims out of their own money."),
        click.option("--programme", type=Word((*PROGRAMMES, UNKNOWN)), help="What kind of plan it is; it decides the law."),
    ):
        command = option(command)
    return command


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@plan_facts
@click.option("--rating-period-start", type=DAY, help="Medicaid managed care: first day of the plan's rating period.")
@click.option("--care", type=Word(CARE), help="Where the care of this case is given.")
@writes
@click.pass_obj
def coverage(app: App, /, ref: str, **facts: Any) -> None:
    """Set facts of the plan behind a case; its clocks are counted anew.

    Example: appeals coverage A-12 --programme employer --funding self_funded --internal-levels 1
    """
    app.show(screens.done("coverage", plans.set_coverage(app.store, ref, steps.told(facts), app.run())))


@click.command(cls=Explained)
@click.argument("name", type=NEEDED)
@plan_facts
@writes
@click.pass_obj
def payer(app: App, /, name: str, **facts: Any) -> None:
    """Set a payer's plan facts, the defaults of coverages made from now on.

    Example: appeals payer "Carolina Mutual" --programme employer --funding insured --issue-state NC
    """
    run = app.run()
    app.show(screen_office.payer(plans.set_payer(app.store, name, steps.told(facts), run), dry_run=run.dry_run))
