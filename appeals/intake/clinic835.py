"""A made-up remittance of a ketamine clinic in Charlotte, NC, for `appeals demo`; names nobody who lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from appeals.intake.remittance import Adjustment, Claim, Dated, Interchange, Line, Name, Transaction
from appeals.intake.write835 import Payment, write

CLINIC = "QUEEN CITY KETAMINE CLINIC"
NPI = "1234567893"  # the example number of the NPI standard: its check digit is right and nobody has it
DENIED, PROCESSED = "4", "1"


class _Service(NamedTuple):
    """One line: units, the charge, what is taken off and why."""

    procedure: str
    units: str
    charge_cents: int
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()


class _Visit(NamedTuple):
    """One claim: whose, how long before the notice the service was, what was done."""

    number: str
    last: str
    first: str
    member_id: str
    days_before: int
    services: tuple[_Service, ...]
    authorisation: str = ""


def _off(group: str, carc: str, amount_cents: int) -> tuple[Adjustment, ...]:
    return (Adjustment(group, carc, amount_cents),)


def _infusion(group: str, carc: str, *remarks: str, hours: int = 2) -> tuple[_Service, ...]:
    """Ketamine by infusion: the first hour, further hours and the drug, all refused for one reason."""
    further = hours - 1
    prices = (
        ("HC:96365", 1, 45_000),
        *([("HC:96366", further, 15_000 * further)] if further else []),
        ("HC:J3490", 1, 6_450 + 1_550 * hours),
    )
    return tuple(_Service(procedure, str(units), cents, _off(group, carc, cents), remarks) for procedure, units, cents in prices)


_CONSULTATION = _Service("HC:99214", "1", 21_000, _off("CO", "45", 4_000))
_LABS = (
    _Service("HC:80053", "1", 4_800, _off("CO", "45", 2_215)),
    _Service("HC:85025", "1", 3_600, (Adjustment("CO", "45", 1_420), Adjustment("PR", "3", 1_000))),
)
_MUTUAL = (
    _Visit("KET-1001", "FERNSBY", "OTTOLINE", "CMH700110001", 32, _infusion("CO", "50", "N115")),
    _Visit("KET-1002", "QUILLON", "BARNABY", "CMH700110002", 35, _infusion("CO", "55", "N623", hours=1)),
    _Visit("KET-1003", "FERNSBY", "OTTOLINE", "CMH700110001", 25, _infusion("CO", "55", "N623", hours=3)),
    _Visit("KET-1004", "TANGLEWOOD", "PHINEAS", "CMH700110004", 28, _infusion("CO", "197", "M62")),
    _Visit("KET-1005", "MARBLEHEAD", "CLEMENTINE", "CMH700110005", 210, _infusion("CO", "29", hours=1)),
    _Visit("KET-1006", "WINTERGREEN", "THADDEUS", "CMH700110006", 30, _infusion("PR", "242", "N130")),
    _Visit("KET-1007", "LARKSPUR", "EUDORA", "CMH700110007", 27, (*_LABS, *_infusion("CO", "50", "N115", hours=1))),
    _Visit("KET-1008", "PENHALLOW", "JASPER", "CMH700110008", 26, (_Service("HC:99204", "1", 18_000),)),
    _Visit("KET-1009", "BRAMBLE", "WILHELMINA", "CMH700110009", 24, (_Service("HC:99214", "1", 21_000, _off("PR", "1", 21_000)),)),
    _Visit("KET-1010", "TANGLEWOOD", "PERSEPHONE", "CMH700110004", 28, _infusion("PR", "204", "N130", hours=3)),
    _Visit("KET-1011", "HOLLOWAY", "AMBROSE", "CMH700110011", 31, _infusion("CO", "252", "N706")),
    _Visit("KET-1012", "THISTLETON", "CORDELIA", "CMH700110012", 29, _infusion("CO", "16", "M119")),
)
_SENIOR = (
    _Visit("KET-2001", "GOLDENROD", "LEOPOLD", "BRS900220001", 33, (_CONSULTATION, *_infusion("CO", "50", "N115", hours=1)), "BR-55012"),
    _Visit("KET-2002", "SORREL", "HENRIETTA", "BRS900220002", 22, (*_LABS, *_infusion("CO", "151", "N362")), "BR-55019"),
)
_PAYERS = (("CAROLINA MUTUAL HEALTH", "77001", "CMH", _MUTUAL), ("BLUE RIDGE SENIOR ADVANTAGE", "77002", "BRS", _SENIOR))


def remittance(notice: date) -> bytes:
    """The file as two payers would send it on `notice`: twelve denials, a claim paid in full, one that met the deductible."""
    interchange = Interchange(1, "CAROLINACLRHSE", "KETAMINECLINIC", f"{notice:%y%m%d}", f"{notice:%y%m%d}001", "T")
    payments = [_payment(at, notice, *payer) for at, payer in enumerate(_PAYERS, 1)]
    return write(interchange, payments, line_end="\n").encode("ascii")


def _payment(at: int, notice: date, payer: str, payer_id: str, prefix: str, visits: Sequence[_Visit]) -> Payment:
    claims = tuple(_claim(position, visit, payer_id, notice) for position, visit in enumerate(visits, 1))
    paid = sum(claim.paid_cents or 0 for claim in claims)
    transaction = Transaction(
        0, f"{at:04d}", "I", paid, "ACH", _dated("BPR16", notice + timedelta(days=1)), f"{prefix}{notice:%y%m%d}{at:02d}",
        _dated("405", notice), payer, payer_id, CLINIC, NPI,
    )  # fmt: skip
    return Payment(transaction=transaction, claims=claims)


def _claim(position: int, visit: _Visit, payer_id: str, notice: date) -> Claim:
    served = notice - timedelta(days=visit.days_before)
    lines = tuple(_line(visit, at, service, served) for at, service in enumerate(visit.services, 1))
    paid = sum(line.paid_cents or 0 for line in lines)
    shares = [one.amount_cents or 0 for line in lines for one in line.adjustments if one.group == "PR"]
    all_refused = not paid and any(one.carc != "1" for line in lines for one in line.adjustments)
    return Claim(
        0, position, visit.number, DENIED if all_refused else PROCESSED, sum(line.charge_cents or 0 for line in lines), paid,
        sum(shares) or None, "12", f"{payer_id}{notice:%y%j}{position:04d}", "11", "1",
        patient=Name(visit.last, visit.first, "", "MI", visit.member_id),
        rendering=Name("INFUSIONIST", "CALLIOPE", "", "XX", NPI),
        dates=(_dated("232", served), _dated("233", served)),
        references=(("G1", visit.authorisation),) if visit.authorisation else (),
        lines=lines,
    )  # fmt: skip


def _line(visit: _Visit, at: int, service: _Service, served: date) -> Line:
    paid = service.charge_cents - sum(one.amount_cents or 0 for one in service.adjustments)
    return Line(
        0, service.procedure, service.charge_cents, paid, "", service.units, (_dated("472", served),),
        service.adjustments, service.remarks, f"{visit.number}-{at}",
    )  # fmt: skip


def _dated(qualifier: str, on: date) -> Dated:
    return Dated(qualifier, f"{on:%Y%m%d}", on)
