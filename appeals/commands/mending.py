"""Commands that put right what was entered wrong."""

from __future__ import annotations

from typing import Any

import click

from appeals import screens
from appeals.commands.app import App, writes
from appeals.commands.explained import Explained
from appeals.commands.steps import told
from appeals.commands.types import CASE, CENTS, DAY, MOMENT, NEEDED, RECEIPT, YES_NO, Word
from appeals.services import correcting


@click.command(cls=Explained)
@click.argument("ref", metavar="CASE", type=CASE)
@click.option("--reason", required=True, type=NEEDED, help="What was wrong; kept in the trail beside both values.")
@click.option("--notice", type=DAY, help="Date on the notice.")
@click.option("--received", type=RECEIPT, help="When the notice reached the office; `unreadable` is an answer.")
@click.option("--printed-due", type=DAY, help="The last day the notice itself prints.")
@click.option("--amount", type=CENTS, help="What the notice denies, in dollars.")
@click.option("--paid", type=CENTS, help="What the same notice pays, in dollars.")
@click.option("--contractual", type=CENTS, help="What the contract takes off, in dollars.")
@click.option("--patient-share", type=CENTS, help="Deductible, coinsurance and copayment, in dollars.")
@click.option("--sent", type=DAY, help="When our filing was sent.")
@click.option("--filing-received", type=MOMENT, help="When the payer had our filing.")
@click.option("--submitted", type=MOMENT, help="When the payer had the claim or request.")
@click.option("--billed", type=CENTS, help="What we charged for it, in dollars.")
@click.option("--claim", help="Our claim number, or the authorisation request's.")
@click.option("--service-from", type=DAY, help="First day the care was given.")
@click.option("--service-to", type=DAY, help="Last day the care was given.")
@click.option("--network", type=Word(("in", "out", "unknown")), help="Whether we are in this payer's network.")
@click.option("--assignment", type=YES_NO, help="Whether the patient signed the benefits over to us.")
@click.option("--level", type=click.IntRange(1), help="Of which level the notice or filing is (else the newest).")
@writes
@click.pass_obj
def correct(app: App, /, ref: str, reason: str, **facts: Any) -> None:
    """Put right a fact that was typed wrong; its dates are counted anew, and both values stay in the trail.

    Example: appeals correct A-12 --received 2026-11-09 --reason "stamp misread"
    """
    app.show(screens.done("correct", correcting.correct(app.store, ref, told(facts), reason, app.run())))
