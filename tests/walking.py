"""Random walks of one case through the real services on a real file: what is drawn, and what must hold after every turn."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from appeals import derivation, money, verify_trail, workflow
from appeals.errors import AppealsError
from appeals.fold import case_changes, fold
from appeals.ids import Ids
from appeals.intake.claim835 import dated
from appeals.intake.remittance import Adjustment, Claim, Interchange, Line, Name, Transaction
from appeals.intake.write835 import Payment, write
from appeals.model import RUNNING
from appeals.record import Run
from appeals.services import cases, contacts, correcting, marks, proposals, steps, take_in
from appeals.services.told_lines import LineFacts
from appeals.services.undo import undo

BOOKKEEPING = ("version", "entered_on")
PLANS = (
    {"programme": "employer", "funding": "self_funded", "grandfathered": "no", "internal_levels": "1"},
    {"programme": "employer", "funding": "insured", "issue_state": "NC", "grandfathered": "no", "internal_levels": "2"},
    {"programme": "employer", "funding": "self_funded", "grandfathered": "yes", "internal_levels": "1"},
    {"programme": "individual", "funding": "insured", "issue_state": "NC", "grandfathered": "no"},
    {"programme": "church_or_government", "funding": "self_funded", "grandfathered": "no"},
    {"programme": "medicare_ffs"},
    {"programme": "medicare_advantage"},
    {"programme": "part_d"},
    {"programme": "medicaid_managed_care", "issue_state": "NC"},
    {"programme": "medicaid_ffs", "issue_state": "NC"},
    {"programme": "tricare"},
    {"programme": "fehb"},
    {},
)
TRACKS = ("member_appeal", "external_review", "hearing", "court", "provider_dispute")
MARKS = ("received", "acknowledged", "denial-added", "payment-posted", "urgency-declared", "info-requested", "info-supplied", "note")
OTHERS = ("undo", "mark", "correct", "call")
BILLED = 50_000
IDS = Ids(clock=lambda: datetime.now(UTC))


def standing(situation):
    """How a case stands: its fields, its running clocks with their dates, the rows that count."""
    case = {name: value for name, value in asdict(situation.case).items() if name not in BOOKKEEPING}
    clocks = sorted((asdict(replace(c, next_remind_on=None)) for c in situation.clocks if c.status in RUNNING), key=lambda c: c["id"])
    rows = {name: sorted(map(repr, live(getattr(situation, name)))) for name in ("denials", "lines", "filings", "peer_reviews", "marks")}
    return case, clocks, rows


def live(rows):
    return [row for row in rows if not row.voided]


def notice(draw, today):
    """A notice: a sum, or two lines of which one is denied whole and the other in part."""
    if draw(st.booleans()):
        amount = draw(st.sampled_from((1, 20_000, 40_000)))
        return {"notice": today, "amount": amount, "codes": (("PR", "1", "", amount),), "paid": draw(st.sampled_from((0, 2_000)))}
    drug = LineFacts(position=1, procedure="J3490", charge_cents=30_000, denied_cents=30_000, adjustments=(("PR", "204", "", 30_000),))
    rest = {"paid_cents": 5_000, "contractual_cents": 3_000, "patient_cents": 2_000}
    visit = LineFacts(
        position=2, procedure="96365", charge_cents=20_000, denied_cents=10_000, adjustments=(("CO", "50", "", 10_000),), **rest
    )
    told = {"paid": 5_000, "contractual": 3_000, "patient_share": 2_000}
    return {"notice": today, "amount": 40_000, "lines": (drug, visit), **told}


def told(step, draw, today):
    """Facts that would do for the step, drawn where they decide where it leads."""
    amount = draw(st.sampled_from((1, 20_000, 40_000)))
    facts = {
        "deny": lambda: notice(draw, today),
        "approve": lambda: {"authorisation": "PA-1"},
        "pay": lambda: {"amount": amount, **draw(st.sampled_from(({}, {"contractual": 5_000}, {"override": "a reason"})))},
        "review-eob": lambda: {
            "reviewer": "X", "category": "other", "path": draw(st.sampled_from(("appeal", "appeal", "corrected_claim")))
        },
        "request-peer-review": lambda: {"clinician": "Dr Reyes"},
        "peer-overturn": lambda: {"reviewer": "Dr Poe", "reference": "P-2"},
        "peer-uphold": lambda: {"reviewer": "Dr Poe", "said": "no"},
        "peer-missed": lambda: {"why": "nobody_called"},
        "file-appeal": lambda: {
            "track": draw(st.sampled_from(TRACKS)), "appellant": "patient", "sent": today, "expedited": draw(st.booleans()),
            **draw(st.sampled_from(({}, {"override": "added up"}))),
        },
        "partially-overturn": lambda: {"amount": amount, "rest_given_up": draw(st.booleans()), **won_line(draw)},
        "forward": lambda: {"received": today},
        "resubmit": lambda: {"control_number": "ICN-1"},
        "bill-other-payer": lambda: {"payer": "Another Invented Health", "member_id": IDS.new_id()},
        "bill-patient": lambda: {"how_met": "self_pay", **draw(st.sampled_from(({}, {"amount": 100, "waiver": "ABN"})))},
        "settle-line": lambda: {
            "settled": ((draw(st.sampled_from((1, 2))), draw(st.sampled_from((None, 500)))),),
            "to": draw(st.sampled_from(("paid", "patient", "written_off"))),
        },
        "expire": lambda: {"cause": "not_worked", "signed": "X"},
        "reopen": lambda: {
            "to": draw(st.sampled_from(("denied", "submitted"))),
            **draw(st.sampled_from(({}, {"amount": 700}, {"amount": 700, "notice": today}))),
        },
    }  # fmt: skip
    every = {"reason": "a reason", "decided": today}
    if step in ("file-appeal", "uphold", "overturn", "partially-overturn", "dismiss", "withdraw"):
        every |= {"received": today} if draw(st.booleans()) else {}
    given = facts[step]() if step in facts else {}
    return every | given | ({"filing": draw(st.sampled_from(TRACKS))} if draw(st.integers(0, 4)) == 0 else {})


def won_line(draw):
    return draw(st.sampled_from(({}, {"amount": None, "won_line": ((1, None),)}, {"amount": None, "won_line": ((2, 500),)})))


class Walk:
    """One case, walked: each turn either leaves one entry more and everything sound, or nothing at all."""

    def __init__(self, store, draw, *, plans=PLANS):
        self.store, self.draw, self.today = store, draw, date(2026, 11, 3)
        billed = {"kind": draw(st.sampled_from(("post_service", "concurrent", "pre_service"))), "billed": BILLED}
        who = {"patient": "Example, Erin", "payer": "Invented Health", "member_id": IDS.new_id(), "claim": IDS.new_id()}
        opened = cases.open_case(store, {**who, "submitted": self.today, **billed, **draw(st.sampled_from(plans))}, self.run())
        self.ref = opened.case.number

    def run(self):
        now = datetime(self.today.year, self.today.month, self.today.day, 17, tzinfo=UTC)
        given = {"request_id": IDS.new_id(), "new_id": IDS.new_id, "new_nonce": IDS.new_nonce}
        return Run(practice=self.store.practice, recorded_at=now, on=self.today, actor="ana", **given)

    def situation(self):
        return self.store.situation(self.ref)

    def wait(self):
        """Let some days pass, or none."""
        self.today += timedelta(days=self.draw(st.sampled_from((0, 1, 5, 40, 130))))

    def turn(self):
        """One turn: what was done and how the case stood before, or None where it was refused and nothing was written."""
        self.wait()
        before = self.situation()
        name = self.draw(st.sampled_from([*workflow.steps_from(before.case.state), *OTHERS]))
        size = self.store.head().size
        try:
            self.take(name, before)
        except AppealsError:
            assert (self.store.head().size, self.situation()) == (size, before), f"{name} was refused and wrote all the same"
            return None
        also = name == "bill-other-payer" or (name == "undo" and before.case.outcome == "other_payer")
        assert self.store.head().size in ((size + 1, size + 2) if also else (size + 1,))
        self.sound()
        return name, before

    def take(self, name, before):
        if name == "undo":
            undo(self.store, self.ref, "a reason", self.run())
        elif name == "mark":
            marks.mark(self.store, self.ref, self.draw(st.sampled_from(MARKS)), {"notice": self.today, "amount": 100}, self.run())
        elif name == "correct":
            facts = self.draw(
                st.sampled_from(({"amount": 30_000}, {"paid": 100}, {"billed": 60_000}, {"received": self.today}, {"network": "in"}))
            )
            correcting.correct(self.store, self.ref, facts, "a reason", self.run())
        elif name == "call":
            facts = {"person": "Dana", "next": self.today + timedelta(days=7)}
            contacts.call(self.store, self.ref, facts, self.run())
        else:
            steps.advance(self.store, self.ref, name, told(name, self.draw, self.today), self.run())

    def sound(self):
        """What must hold of the case after anything at all; the log is folded and compared with the rows."""
        found = self.situation()
        self.dated(found)
        self.conserved(found)
        log = [stored.text for stored in self.store.events(case_id=found.case.id)]
        for clock in json.loads(log[-1])["clocks"]:
            assert (derivation.misfits(clock), *verify_trail.recounted(clock)) == ((),), clock
        versions = [json.loads(text)["case_version"] for text in log]
        assert [version for version in versions if version is not None] == list(range(1, found.case.version + 1))
        seen = fold(log)
        assert (seen.mismatches, dict(seen.cases[found.case.id])) == (
            (),
            {n: pair[1] for n, pair in case_changes(None, found.case).items()},
        )
        assert len([p for p in live(found.peer_reviews) if not p.outcome]) == (found.case.state == "peer_review")
        at_the_payer = "appeal_filed" in (found.case.state, found.case.came_from)
        assert bool([f for f in live(found.filings) if not f.outcome]) == at_the_payer

    @staticmethod
    def dated(found):
        running = [c for c in found.clocks if c.status in RUNNING]
        if found.case.state == "resolved":
            assert not [c.kind for c in running if c.owed_by in ("us", "patient")]
        else:
            assert running

    @staticmethod
    def conserved(found):
        case, lines = found.case, live(found.lines)
        assert min(getattr(case, column) for column in money.COLUMNS) >= 0
        assert money.held(case) + money.cents(case, money.UNANSWERED) == case.billed_cents
        assert 0 <= case.posted_cents <= case.recovered_cents
        assert case.state != "resolved" or case.disputed_cents == 0
        for line in lines:
            assert money.held(line) <= line.charge_cents and min(getattr(line, column) for column in money.COLUMNS) >= 0
        for column in money.COLUMNS:
            assert sum(getattr(line, column) for line in lines) <= getattr(case, column), column


HEAD = Interchange(1, "PAYER", "CLINIC", "261120", "000000001", "T")
# What a remittance says of the claim, line by line: (procedure, charge, paid, adjustments).
SAID = (
    (
        ("J3490", 30_000, 0, (("PR", "204", 30_000),)),
        ("96365", 20_000, 5_000, (("CO", "50", 10_000), ("CO", "45", 3_000), ("PR", "2", 2_000))),
    ),
    (("96365", BILLED, 2_000, (("CO", "50", 48_000),)),),
    (("J3490", 30_000, 10_000, (("PR", "204", 20_000),)), ("96365", 20_000, 20_000, ())),
    (("J3490", 30_000, 25_000, (("CO", "45", 5_000),)), ("96365", 20_000, 20_000, ())),
    (("J3490", 10_000, 0, (("CO", "50", 10_000),)), ("96365", 20_000, 20_000, ()), ("99213", 20_000, 15_000, (("CO", "97", 5_000),))),
    (("96365", 20_000, 0, (("CO", "50", 20_000),)), ("J3490", 30_000, 30_000, ())),
    (("J3490", -30_000, -20_000, (("CO", "45", -10_000),)),),
)  # fmt: skip


class RemittanceWalk(Walk):
    """A walk on which remittances about the case come in between, and what they propose is taken."""

    def turn(self):
        self.wait()
        before = self.situation()
        between = self.draw(st.sampled_from(("remittance", "remittance", "answer", "step", "step", "step")))
        if between == "step":
            return super().turn()
        size = self.store.head().size
        try:
            if between == "remittance":
                take_in.take_in(self.store, "walk.835", io.BytesIO(self.remittance(before).encode()), self.run())
            else:
                proposals.resolve(self.store, (self.ref,), self.run(), take=True)
        except AppealsError:
            assert between == "answer" or self.store.head().size == size
        self.sound()
        return None

    def remittance(self, found):
        said = self.draw(st.sampled_from(SAID))
        lines = tuple(
            Line(0, f"HC:{procedure}", charge, paid, dates=(dated("472", "20261101"),), adjustments=tuple(Adjustment(*one) for one in off))
            for procedure, charge, paid, off in said
        )
        charge, paid = sum(line.charge_cents for line in lines), sum(line.paid_cents for line in lines)
        status = "22" if charge < 0 else "4" if not paid else "1"
        who = Name("EXAMPLE", "ERIN", "", "MI", found.coverage.member_id)
        claim = Claim(
            0, 1, found.case.claim_number, status, charge, paid, None, "12", self.draw(st.sampled_from(("ICN-1", "ICN-2"))),
            patient=who, dates=(dated("232", "20261101"),), lines=lines,
        )  # fmt: skip
        day = f"{self.today:%Y%m%d}"
        transaction = Transaction(
            0, "0001", "I", paid, "ACH", dated("BPR16", day), IDS.new_id(), dated("405", day), "INVENTED HEALTH", "", "CLINIC", "1234567893"
        )
        return write(HEAD, [Payment(transaction=transaction, claims=(claim,))])
