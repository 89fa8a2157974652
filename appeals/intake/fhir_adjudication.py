"""What the adjudications of an EOB say: amounts by kind, denial reasons, and from both the adjustments of a line or a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from appeals.codes import Codes
from appeals.intake import codelike
from appeals.intake.fhir_parts import Coding, Json, cents, codings, part, parts, text
from appeals.intake.remittance import Adjustment

GROUPS = ("CO", "PR", "OA", "PI", "CR")
# Kinds that are shares of the charge, with the group and reason an 835 would give them.
_SHARES = {
    "deductible": ("PR", "1"), "coinsurance": ("PR", "2"), "copay": ("PR", "3"), "discount": ("CO", "45"),
    "priorpayerpaid": ("OA", "23"), "paidtopatient": ("OA", "100"),
}  # fmt: skip
# Kinds whose amount is not what a reason beside it takes off.
_NOT_TAKEN_OFF = frozenset(
    ("submitted", "benefit", "eligible", "eligpercent", "paidtoprovider", "paidbypatient", "tax", "drugcost", "allowedunits", "other")
)
_DENIALS = ("denialreason", "adjustmentreason")  # CARIN's names for the slice that holds a reason, before and since 2.1
_NAMED = {*_SHARES, *_NOT_TAKEN_OFF, *_DENIALS, "noncovered", "memberliability"}  # kinds a message may name: others may be any text
# Blue Button's own names; beside them stands a general kind that is often wrong (a rate and a payment are "submitted" there).
_BLUE_BUTTON = {
    "line_sbmtd_chrg_amt": "submitted", "rev_cntr_tot_chrg_amt": "submitted", "clm_tot_chrg_amt": "submitted",
    "tot_rx_cst_amt": "submitted",
    "line_nch_pmt_amt": "benefit", "rev_cntr_pmt_amt_amt": "benefit", "cvrd_d_plan_pd_amt": "benefit",
    "line_prvdr_pmt_amt": "paidtoprovider", "rev_cntr_prvdr_pmt_amt": "paidtoprovider",
    "line_bene_pmt_amt": "paidtopatient", "rev_cntr_bene_pmt_amt": "paidtopatient",
    "line_bene_ptb_ddctbl_amt": "deductible", "rev_cntr_cash_ddctbl_amt": "deductible", "rev_cntr_blood_ddctbl_amt": "deductible",
    "line_coinsrnc_amt": "coinsurance", "rev_cntr_coinsrnc_wge_adjstd_c": "coinsurance",
    "line_bene_prmry_pyr_pd_amt": "priorpayerpaid", "rev_cntr_1st_msp_pd_amt": "priorpayerpaid",
    "rev_cntr_2nd_msp_pd_amt": "priorpayerpaid",
    "line_alowd_chrg_amt": "eligible", "rev_cntr_ncvrd_chrg_amt": "noncovered",
}  # fmt: skip
# Blue Button's codes for "not paid" (bluebutton.cms.gov/resources/variables): those that mean it, or those that do not.
_NOT_PAID = {"line_prcsg_ind_cd": frozenset("BCDILMNPZ")}
_PAID = {"carr_clm_pmt_dnl_cd": frozenset("123456789AB"), "clm_mdcr_non_pmt_rsn_cd": frozenset("P")}
_SILENT = ("carr_line_rdcd_pmt_phys_astn_c",)  # a discount for assistants, where other sources give the denial reason
ASK = "ask the payer for it, or enter the denial from its letter with `appeals open`"
LESS = "what is paid and explained comes to less than the charge: ask the payer what became of the rest"
MORE = "what is paid and explained comes to more than the charge: ask the payer which amounts hold"
_GLUED = re.compile(rf"({'|'.join(GROUPS)})[-: ]?([A-Z]?\d{{1,3}})")
_PLAIN = re.compile(r"[A-Z]?\d{1,3}")


class Reason(NamedTuple):
    """A CARC; `amount_cents` is None where nothing says how much it takes off. `kind` is that of the adjudication with the amount."""

    group: str
    carc: str
    amount_cents: int | None
    kind: str = ""


@dataclass(slots=True)
class Scope:
    """What is said of one line, or of the claim itself. `unexplained`: it says "denied", and not why.

    `problems` are (message, text): amounts that cannot be read.
    """

    amounts: dict[str, int] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    unexplained: bool = False

    def amount(self, *kinds: str) -> int | None:
        """The first of these amounts that is there."""
        return next((self.amounts[kind] for kind in kinds if kind in self.amounts), None)

    def money(self, value: Json, what: str) -> int | None:
        """An amount of money in cents; what is none, or of another currency, is a problem. "Not given" is None alone."""
        raw = text(value, "value")
        currency = text(value, "currency") or text(value, "code") or "USD"
        if not raw:
            if "value" in value:
                self.problems.append((f"{what} is not an amount: {ASK}", ""))
            return None
        found = cents(raw)
        if currency != "USD":
            self.problems.append((f"{what} is not in US dollars: {ASK}", f"{raw} {currency}"))
        elif found is None:
            self.problems.append((f"{what} is not an amount in whole cents: {ASK}", raw))
        else:
            return found
        return None


def read_scope(adjudications: Iterable[Json], holder: Json, codes: Codes) -> Scope:
    """Read the adjudications of a line or a claim, and what the extensions of `holder`, the line or the claim, say of a denial."""
    scope = Scope()
    for one in adjudications:
        kind = _kind(part(one, "category"))
        amount = scope.money(part(one, "amount"), kind if kind in _NAMED else "an amount")
        if amount is not None:
            shared = kind in _SHARES
            scope.amounts[kind] = scope.amounts.get(kind, 0) + amount if shared else scope.amounts.get(kind, amount)
        _reasons(scope, one, kind, None if kind in _NOT_TAKEN_OFF else amount, codes)
        _extensions(scope, one)
    _extensions(scope, holder)
    return scope


def settled(scope: Scope, charge: int | None, paid: int | None, codes: Codes, *, before: int = 0) -> tuple[Adjustment, ...]:
    """The adjustments of a scope. A reason without an amount takes what nothing else explains; `before` is explained already.

    A denial whose amount nobody can know is added to the scope's problems.
    """
    found = [Adjustment(one.group, one.carc, one.amount_cents) for one in scope.reasons if one.amount_cents is not None]
    shares = {carc: (group, amount) for kind, (group, carc) in _SHARES.items() if (amount := scope.amounts.get(kind))}
    named = {one.carc for one in found}
    found += [Adjustment(group, carc, amount) for carc, (group, amount) in shares.items() if carc not in named]
    bare = [one for one in scope.reasons if one.amount_cents is None and one.carc not in named and one.carc not in shares]
    rest = None if charge is None or paid is None else max(charge - paid - before - sum(one.amount_cents or 0 for one in found), 0)
    if bare:
        first = next((one for one in bare if not codes.is_routine(one.carc)), bare[0])
        taken = _open(scope, rest, f"denied with {first.carc}")
        found += [Adjustment(one.group, one.carc, taken if one is first else 0) for one in bare]
    elif _refused(scope, charge, paid) and (taken := _open(scope, rest, "denied without a reason")):
        found.append(Adjustment("", "", taken))
    return tuple(found)


def balance(charge: int | None, paid: int | None, taken: Iterable[Adjustment], codes: Codes) -> tuple[str, bool]:
    """What does not add up about a claim, "" where all does, and whether money of it is denied."""
    taken = list(taken)
    left = 0 if charge is None or paid is None else charge - paid - sum(one.amount_cents or 0 for one in taken)
    denies = any(one.amount_cents and not codes.is_routine(one.carc) for one in taken)
    return ("" if left == 0 else LESS if left > 0 else MORE), denies


def is_partly_covered(scope: Scope, charge: int | None, paid: int | None) -> bool:
    """Whether a part is not covered, nobody says why, and something was paid: no denial by this, but worth a look."""
    return bool(scope.amounts.get("noncovered", 0) > 0 and not scope.reasons and not _refused(scope, charge, paid))


def _refused(scope: Scope, charge: int | None, paid: int | None) -> bool:
    """Nothing was paid, and it says so without a CARC: as denied, or as not covered at all."""
    noncovered = scope.amounts.get("noncovered", 0)
    return paid == 0 and not scope.reasons and (scope.unexplained or 0 < noncovered == charge)


def _open(scope: Scope, rest: int | None, what: str) -> int:
    """How much a denial without an amount is about: what is not covered, within what nothing else explains."""
    noncovered = scope.amounts.get("noncovered", 0)
    if rest is None and not noncovered:
        scope.problems.append((f"{what}, and nothing says how much", ""))
    if noncovered > 0:
        return noncovered if rest is None else min(noncovered, rest)
    return rest or 0


def _kind(category: Json) -> str:
    found = codings(category)
    own = [one.code for one in found if "bluebutton.cms.gov" in one.system and one.system.endswith("adjudication")]
    if own:
        return _BLUE_BUTTON.get(own[0], "other")
    return next((one.code for one in found if one.code), "")


def _reasons(scope: Scope, adjudication: Json, kind: str, amount: int | None, codes: Codes) -> None:
    """The codes of one adjudication's reason: groups, CARCs, remarks, and codes of the payer's own.

    The amount goes to the first CARC that is no routine one: with two of them nobody says what each takes off.
    """
    found = [coding for concept in parts(adjudication, "reason") for coding in codings(concept)]
    group = next((one.code for one in found if "adjustmentgroupcode" in _squeezed(one.system) and one.code in GROUPS), "")
    carcs = []
    for one in found:
        if carc := _carc(one, group, plain=kind in _DENIALS):
            carcs.append(carc)
        elif "remarkcode" in _squeezed(one.system) and one.code:
            scope.remarks.append(codelike.code(one.code))
        elif _says_denied(one):
            scope.unexplained = True
        elif kind in _DENIALS and one.code and not one.system.endswith((*_SILENT, *_PAID, *_NOT_PAID)):
            scope.unexplained = True
            scope.remarks.append(f"payer:{codelike.own(one.code)}")
    chief = next((one for one in carcs if not codes.is_routine(one.carc)), carcs[0] if carcs else None)
    told = [one if amount is None else one._replace(amount_cents=amount if one is chief else 0, kind=kind) for one in carcs]
    scope.reasons += [one for one in told if not any(_is_the_same(one, known) for known in scope.reasons)]
    if kind in _DENIALS and not found and text(part(adjudication, "reason"), "text"):
        scope.unexplained = True


def _is_the_same(one: Reason, known: Reason) -> bool:
    """Whether two adjudications say one thing: CARIN gives a reason its amount as what is not covered, and again as why."""
    return bool(one.amount_cents) and one.kind != known.kind and (one.carc, one.amount_cents) == (known.carc, known.amount_cents)


def _extensions(scope: Scope, holder: Json) -> None:
    for one in parts(holder, "extension"):
        name = text(one, "url").rsplit("/", 1)[-1].lower()
        coded = [*codings({"coding": one.get("valueCoding")}), *codings(part(one, "valueCodeableConcept"))]
        bare = text(one, "valueCode") or text(one, "valueString")
        coded += [Coding("", bare)] if bare else []
        if name in _PAID or name in _NOT_PAID:
            scope.unexplained |= any(_says_denied(Coding(name, coding.code)) for coding in coded)
        elif "denial" in name or "denied" in name:
            reasons = [carc for coding in coded if (carc := _carc(coding, "", plain=True))]
            scope.reasons += reasons
            scope.unexplained |= not reasons and (one.get("valueBoolean") is True or bool(coded))


def _carc(coding: Coding, group: str, *, plain: bool) -> Reason | None:
    """The CARC of a coding: glued to its group, of the X12 list, or, with `plain` and no list named, by its look."""
    code = coding.code.upper().strip()
    if glued := _GLUED.fullmatch(code):
        return Reason(glued[1], _short(glued[2]), None) if _short(glued[2]) else None
    listed = "adjustmentreasoncode" in _squeezed(coding.system) or (plain and not coding.system)
    return Reason(group, _short(code), None) if listed and _PLAIN.fullmatch(code) and _short(code) else None


def _short(code: str) -> str:
    return code.lstrip("0")


def _squeezed(system: str) -> str:
    return system.lower().replace("-", "").replace("_", "")


def _says_denied(coding: Coding) -> bool:
    name = coding.system.rsplit("/", 1)[-1].lower()
    if name in _PAID:
        return bool(coding.code) and coding.code not in _PAID[name]
    return coding.code in _NOT_PAID.get(name, ())


def header(eob: Json) -> Iterator[Json]:
    """What is adjudicated of the claim itself: its adjudications, else, where it has no amounts there, its totals."""
    own = list(parts(eob, "adjudication"))
    yield from own
    if not any(part(one, "amount") for one in own):
        yield from parts(eob, "total")
