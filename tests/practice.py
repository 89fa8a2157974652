"""A sandbox office for the story tests: real command lines on a real file. A history is played once and then copied."""

from __future__ import annotations

import io
import json
import shlex
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import cli
from appeals import derivation
from appeals.model import RUNNING
from appeals.services.doctor import doctor
from db.engine import best_driver
from db.store import SqlStore

History = tuple[str, ...]

EMPLOYER = "--programme employer --funding self_funded --grandfathered no --internal-levels 1"
ADVANTAGE = "--programme medicare_advantage"
MEDICAID = "--programme medicaid_managed_care --issue-state NC"
DAY_ONE = "2026-11-02"
INIT = "init --name 'Made-up Clinic' --state NC --zone America/New_York --person 'A. Clerk' --sandbox"
ENCLOSED = "--enclosed letter_of_medical_necessity --enclosed records --enclosed decision"  # the decision from the second level on


def opened(plan: str = EMPLOYER, kind: str = "post_service --billed 1200") -> History:
    """A claim sent, or a request made, and nothing heard."""
    who = "--patient 'Example, Erin' --payer 'Invented Health' --member-id M-1 --claim C-1 --network out --owner ana"
    return (f"2026-11-03 open {who} --submitted 2026-11-02 --kind {kind} {plan}",)


def denied(plan: str = EMPLOYER, kind: str = "post_service --billed 1200", amount: str = "1200", code: str = "CO-50") -> History:
    return (*opened(plan, kind), f"2026-11-05 deny 1 --notice 2026-11-04 --amount {amount} --code {code}")


def by_line(history: History) -> History:
    """The same with a denial of two lines: an infusion that is not covered, and a drug the payer puts on the patient."""
    lines = "--line 96365:700.00:700.00:CO-50 --line J3490:500.00:500.00:PR-204"
    return tuple(turn.replace("--amount 1200 --code CO-50", lines) for turn in history)


def reviewed(path: str = "appeal", **given: str) -> History:
    return (*denied(**given), f"2026-11-06 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path {path}")


def filed(options: str = "", **given: str) -> History:
    right = "waiver_of_liability" if "medicare_advantage" in given.get("plan", "") else "assignment"
    how = f"--track member_appeal --appellant provider --authority {right} --channel fax {ENCLOSED}"
    return (*reviewed(**given), f"2026-11-09 file-appeal 1 {how} --sent 2026-11-09 {options}".strip())


def external() -> History:
    """The last rung of the employer's ladder: an external review is pending."""
    return (
        *filed(),
        "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21",
        "2026-12-22 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
        f"2026-12-22 file-appeal 1 --track external_review --appellant patient --sent 2026-12-22 --received 2026-12-22 {ENCLOSED}",
    )


def resubmitted(**given: str) -> History:
    """Denied, and sent again as a corrected claim: in `submitted`, with money in dispute and the denial's clocks running."""
    return (*reviewed(path="corrected_claim", **given), "2026-11-09 resubmit 1 --control-number ICN-1")


def last_day(history: History) -> str:
    return history[-1].split()[0]


def calling(before: History) -> History:
    """A peer-to-peer was asked for on top of `before`."""
    return (*before, f"{last_day(before)} request-peer-review 1 --clinician 'Dr Reyes' --callback 704-555-0100")


def resolved() -> History:
    return (*opened(), "2026-11-05 pay 1 --amount 1200 --remittance TRACE-1")


IN_STATE: dict[str, History] = {
    "submitted": opened(),
    "denied": denied(),
    "eob_reviewed": reviewed(),
    "appeal_filed": filed(),
    "peer_review": calling(denied()),
    "resolved": resolved(),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command line gave back."""

    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out)["data"]


@dataclass(frozen=True, slots=True)
class Office:
    """One sandbox database and the command line at it."""

    db: Path

    def say(self, turn: str, *more: str) -> Answer:
        """One command line, `turn` with its day in front, run as staff run it but in this process."""
        day, words = turn.split(" ", 1)
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.run_command([*shlex.split(words), *more, "--db", str(self.db), "--as-of", day])
        return Answer(code, out.getvalue(), err.getvalue())

    def do(self, *turns: str) -> Answer:
        """Command lines that must succeed; the last one's answer."""
        for turn in turns:
            answer = self.say(turn)
            assert answer.code == 0, f"{turn}: exit {answer.code}\n{answer.err}"
        return answer

    def store(self) -> SqlStore:
        return SqlStore(self.db)

    def situation(self, ref: str = "1"):
        with self.store() as store:
            return store.situation(ref)

    def case(self, ref: str = "1"):
        return self.situation(ref).case

    def events(self, ref: str = "1") -> list[dict]:
        """The case's entries in the log, oldest first; a mere read of it is not one of them."""
        with self.store() as store:
            log = [json.loads(stored.text) for stored in store.events(case_id=store.situation(ref).case.id)]
        return [entry for entry in log if entry["case_version"] is not None]

    def running(self, ref: str = "1"):
        return tuple(clock for clock in self.situation(ref).clocks if clock.status in RUNNING)

    def everything(self) -> dict[str, list[tuple]]:
        """Every row of every table: two equal answers mean nothing was written between them."""
        with closing(best_driver().connect(self.db)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            return {name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for name in tables}

    def check(self) -> None:
        """What must hold after any command; says which does not."""
        with self.store() as store:
            assert doctor(store).findings == ()
            for row in store.case_rows():
                case, clocks = row.case, [c for c in row.clocks if c.status in RUNNING]
                if case.state == "resolved":
                    assert not [c.kind for c in clocks if c.owed_by in ("us", "patient")], "resolved, and we still owe something"
                else:
                    assert clocks, f"{case.state}, and no clock runs"
                log = [json.loads(stored.text) for stored in store.events(case_id=case.id)]
                versions = [entry["case_version"] for entry in log if entry["case_version"] is not None]
                assert versions == list(range(1, case.version + 1)), "an event is lost, or written twice"
                amiss = [(c["kind"], wrong) for c in (log[-1]["clocks"] if log else ()) if (wrong := derivation.misfits(c))]
                assert not amiss, "a clock was written whose dates do not follow from its steps"


class Offices:
    """Sandboxes with a wanted history; each history is played once, and whoever asks again gets a copy of the file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.played: dict[History, Path] = {}
        self.count = 0

    def after(self, *history: str) -> Office:
        """A sandbox of one's own in which `history` has happened."""
        return Office(self._copy(self._played(history)))

    def _played(self, history: History) -> Path:
        if history not in self.played:
            if history:
                office = Office(self._copy(self._played(history[:-1])))
                office.do(history[-1])
            else:
                office = Office(self._new())
                office.do(f"{DAY_ONE} {INIT}")
            self.played[history] = office.db
        return self.played[history]

    def _new(self) -> Path:
        self.count += 1
        return self.folder / f"{self.count}.db"

    def _copy(self, source: Path) -> Path:
        target = self._new()
        target.touch(mode=0o600)
        with closing(best_driver().connect(source)) as old, closing(best_driver().connect(target)) as new:
            old.backup(new)
        return target


@dataclass(frozen=True, slots=True)
class Way:
    """One way to take a step: after what, with which words, where it leads, and what it does to the clocks.

    `clocks` in the test's short hand: `+kind` is started, `kind:met` is a clock that stood before and is met now.
    """

    step: str
    source: str
    to: str
    before: History
    day: str
    words: str
    clocks: str
    outcome: str = ""
    level: int = 1

    @property
    def turn(self) -> str:
        return f"{self.day} {self.step} 1 {self.words}".strip()


PRE = "pre_service"
CONCURRENT = "concurrent --billed 1200"
ASK = "--clinician 'Dr Reyes' --callback 704-555-0100 --reference P-1"
UPHELD_CALL = "--reviewer 'Dr Poe' --said 'criteria not met' --decided 2026-11-10"
PART_CALL = "--reviewer 'Dr Poe' --reference P-2 --decided 2026-11-10 --amount 400"
REVIEW = "--reviewer 'A. Clerk' --category medical_necessity"
BESIDE = f"--track external_review --expedited --declared-by 'Dr Reyes' --appellant patient --sent 2026-11-10 {ENCLOSED}"
URGENT = "--expedited --declared-by 'Dr Reyes' --received 2026-11-09"
GONE = "2027-06-15"
YES = "2026-11-10 approve-write-off 1 --as ben"
BACK = {"submitted": denied(kind=PRE)[:1], "denied": denied(), "eob_reviewed": reviewed(), "appeal_filed": filed()}
DECIDED = "decide_appeal:met file_internal_appeal:met house_appeal_filed:met"

BOTH = (*filed(URGENT, kind=PRE), f"2026-11-10 file-appeal 1 {BESIDE}")  # an expedited external review beside the internal appeal
INTERNAL = "--filing member_appeal"
STILL = "house_appeal_filed:met +house_appeal_filed"

WAYS = (
    Way("deny", "submitted", "denied", opened(), "2026-11-05", "--notice 2026-11-04 --amount 1200 --code CO-50",
        "decide_claim:met house_submitted:met +file_internal_appeal +house_denied"),
    Way("approve", "submitted", "resolved", opened(kind=PRE), "2026-11-05", "--authorisation PA-1 --valid-from 2026-11-09 --units 6",
        "decide_claim:met house_submitted:met", "approved"),
    Way("pay", "submitted", "resolved", opened(), "2026-11-05", "--amount 1200 --remittance T-1",
        "decide_claim:met house_submitted:met", "paid"),
    Way("pay", "denied", "resolved", denied(), "2026-11-09", "--amount 1200", "house_denied:met file_internal_appeal:cancelled", "paid"),
    Way("pay", "eob_reviewed", "resolved", reviewed(), "2026-11-09", "--amount 1200",
        "house_eob_reviewed:met file_internal_appeal:cancelled", "paid"),
    Way("pay", "appeal_filed", "resolved", filed(), "2026-11-10", "--amount 1200",
        "house_appeal_filed:met file_internal_appeal:cancelled decide_appeal:cancelled", "paid"),
    Way("pay", "peer_review", "resolved", calling(denied()), "2026-11-10", "--amount 1200",
        "house_peer_review:met file_internal_appeal:cancelled", "paid"),
    Way("void", "submitted", "resolved", opened(), "2026-11-05", "--reason 'opened in error'",
        "decide_claim:cancelled house_submitted:met", "void"),
    Way("review-eob", "denied", "eob_reviewed", denied(), "2026-11-06", f"{REVIEW} --path appeal", "house_denied:met +house_eob_reviewed"),
    Way("review-eob", "eob_reviewed", "eob_reviewed", reviewed(), "2026-11-09", f"{REVIEW} --path corrected_claim",
        "house_eob_reviewed:met +house_eob_reviewed"),
    Way("request-peer-review", "submitted", "peer_review", BACK["submitted"], "2026-11-05", ASK, "house_submitted:met +house_peer_review"),
    Way("request-peer-review", "denied", "peer_review", denied(), "2026-11-06", ASK, "house_denied:met +house_peer_review"),
    Way("request-peer-review", "eob_reviewed", "peer_review", reviewed(), "2026-11-09", ASK, "house_eob_reviewed:met +house_peer_review"),
    Way("request-peer-review", "appeal_filed", "peer_review", filed(), "2026-11-10", ASK, "house_appeal_filed:met +house_peer_review"),
    Way("peer-overturn", "peer_review", "resolved", calling(denied()), "2026-11-10", "--reviewer 'Dr Poe' --reference P-2",
        "house_peer_review:met file_internal_appeal:cancelled +payment", "overturned"),
    *(
        Way("peer-uphold", "peer_review", state, calling(BACK[state]), "2026-11-10", UPHELD_CALL, f"house_peer_review:met +house_{state}")
        for state in BACK
    ),
    *(
        Way("peer-missed", "peer_review", state, calling(BACK[state]), "2026-11-10", "--why nobody_called",
            f"house_peer_review:met +house_{state}")
        for state in BACK
    ),
    Way("partially-overturn", "peer_review", "submitted", calling(resubmitted(kind=CONCURRENT)), "2026-11-10", PART_CALL,
        "house_peer_review:met +house_submitted +payment"),
    *(
        Way("partially-overturn", "peer_review", state, calling(BACK[state]), "2026-11-10", PART_CALL,
            f"house_peer_review:met +house_{state} +payment")
        for state in ("denied", "eob_reviewed", "appeal_filed")
    ),
    Way("partially-overturn", "peer_review", "resolved", (*calling(denied()), YES), "2026-11-10", f"{PART_CALL} --rest-given-up",
        "house_peer_review:met file_internal_appeal:cancelled +payment", "partial"),
    Way("file-appeal", "eob_reviewed", "appeal_filed", reviewed(), "2026-11-09",
        f"--track member_appeal --appellant provider --authority assignment --channel fax --sent 2026-11-09 {ENCLOSED}",
        "file_internal_appeal:sent house_eob_reviewed:met +decide_appeal +house_appeal_filed"),
    Way("file-appeal", "appeal_filed", "appeal_filed", filed(URGENT, kind=PRE), "2026-11-10", BESIDE,
        "house_appeal_filed:met +decide_external_review +house_appeal_filed"),
    Way("overturn", "appeal_filed", "resolved", filed(), "2026-12-21", "--decided 2026-12-18", f"{DECIDED} +payment", "overturned"),
    Way("partially-overturn", "appeal_filed", "denied", filed(), "2026-12-21", "--decided 2026-12-18 --amount 400",
        f"{DECIDED} +file_external_review +house_denied +payment", level=2),
    Way("partially-overturn", "appeal_filed", "resolved", (*filed(), YES), "2026-12-21",
        "--decided 2026-12-18 --amount 400 --rest-given-up",
        f"{DECIDED} +payment", "partial"),
    Way("partially-overturn", "appeal_filed", "resolved", external(), "2027-01-12", "--decided 2027-01-11 --amount 400",
        "house_appeal_filed:met preliminary_review:cancelled decide_external_review:met +effectuate +payment", "partial", 2),
    Way("uphold", "appeal_filed", "denied", filed(), "2026-12-21", "--decided 2026-12-18 --received 2026-12-21",
        f"{DECIDED} +file_external_review +house_denied", level=2),
    Way("uphold", "appeal_filed", "resolved", external(), "2027-01-12", "--decided 2027-01-11",
        "house_appeal_filed:met preliminary_review:cancelled decide_external_review:met", "upheld", 2),
    Way("dismiss", "appeal_filed", "denied", filed(), "2026-11-20", "--decided 2026-11-19 --reason wrong_place",
        "house_appeal_filed:met decide_appeal:met file_internal_appeal:open +house_denied"),
    Way("dismiss", "appeal_filed", "denied", filed(plan=ADVANTAGE), "2026-11-20", "--decided 2026-11-19 --reason late",
        "house_appeal_filed:met decide_appeal:met file_reconsideration:open +review_dismissal +house_denied"),
    Way("deem-exhausted", "appeal_filed", "denied", filed(), "2027-02-01", "--reason 'no answer'",
        "house_appeal_filed:met decide_appeal:missed +file_external_review +house_denied", level=2),
    Way("forward", "appeal_filed", "appeal_filed", filed(plan=ADVANTAGE), "2027-01-12", "--received 2027-01-11",
        "house_appeal_filed:met decide_appeal:missed file_reconsideration:met +decide_external_review +send_evidence +house_appeal_filed",
        level=2),
    Way("partially-overturn", "appeal_filed", "appeal_filed", BOTH, "2026-11-12", f"{INTERNAL} --decided 2026-11-11 --amount 400",
        f"{STILL} decide_appeal:met +file_external_review", level=2),
    Way("uphold", "appeal_filed", "appeal_filed", BOTH, "2026-11-12", f"{INTERNAL} --decided 2026-11-11",
        f"{STILL} decide_appeal:met +file_external_review", level=2),
    Way("dismiss", "appeal_filed", "appeal_filed", BOTH, "2026-11-12", f"{INTERNAL} --decided 2026-11-11 --reason late",
        f"{STILL} decide_appeal:met file_internal_appeal:open"),
    Way("deem-exhausted", "appeal_filed", "appeal_filed", BOTH, "2026-11-20", "--reason 'no answer'",
        f"{STILL} decide_appeal:missed +file_external_review", level=2),
    Way("withdraw", "appeal_filed", "appeal_filed", BOTH, "2026-11-12", f"{INTERNAL} --reason 'claim corrected instead'",
        f"{STILL} decide_appeal:cancelled file_internal_appeal:open"),
    Way("withdraw", "appeal_filed", "eob_reviewed", filed(), "2026-11-20", "--reason 'claim corrected instead'",
        "house_appeal_filed:met decide_appeal:cancelled file_internal_appeal:open +house_eob_reviewed"),
    Way("resubmit", "eob_reviewed", "submitted", reviewed(path="corrected_claim"), "2026-11-09", "--control-number ICN-1 --what 'modifier'",
        "house_eob_reviewed:met +house_submitted"),
    Way("bill-other-payer", "eob_reviewed", "resolved", reviewed(path="bill_other_payer"), "2026-11-09",
        "--payer 'Another Invented Health' --member-id M-9 --network out", "house_eob_reviewed:met file_internal_appeal:cancelled",
        "other_payer"),
    Way("bill-patient", "eob_reviewed", "resolved", reviewed(path="patient_responsibility", code="PR-1"), "2026-11-09",
        "--how-met payment_plan", "house_eob_reviewed:met file_internal_appeal:cancelled", "patient"),
    *(
        Way("settle-line", state, state, by_line(history), "2026-11-10", "--settled 2 --to patient --reason 'PR-204, patient agreed'", "",
            level=1)
        for state, history in (("denied", denied()), ("eob_reviewed", reviewed()), ("appeal_filed", filed()))
    ),
    Way("write-off", "submitted", "resolved", (*opened(), YES), "2026-11-10", "--reason small_balance",
        "house_submitted:met decide_claim:cancelled", "written_off"),
    Way("write-off", "denied", "resolved", (*denied(), YES), "2026-11-10", "--reason cost_exceeds_value",
        "house_denied:met file_internal_appeal:cancelled", "written_off"),
    Way("write-off", "eob_reviewed", "resolved", (*reviewed(), YES), "2026-11-10", "--reason cost_exceeds_value",
        "house_eob_reviewed:met file_internal_appeal:cancelled", "written_off"),
    Way("expire", "submitted", "resolved", resubmitted(), GONE, "--cause payer_silence --signed 'A. Clerk'",
        "house_submitted:met file_internal_appeal:missed", "expired"),
    Way("expire", "denied", "resolved", denied(), GONE, "--cause not_worked --signed 'A. Clerk'",
        "house_denied:met file_internal_appeal:missed", "expired"),
    Way("expire", "eob_reviewed", "resolved", reviewed(), GONE, "--cause no_owner --signed 'A. Clerk'",
        "house_eob_reviewed:met file_internal_appeal:missed", "expired"),
    Way("reopen", "resolved", "denied", (*denied(), "2026-11-10 pay 1 --amount 1200"), "2026-12-01", "--reason takeback --amount 1200",
        "file_internal_appeal:open +house_denied"),
    Way("reopen", "resolved", "submitted", resolved(), "2026-12-01", "--reason 'not paid at all' --to submitted", "+house_submitted"),
)  # fmt: skip
