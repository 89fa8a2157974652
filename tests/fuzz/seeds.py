"""The corpus the fuzzer starts from: files of our own generators, small, one for each thing a reader knows."""

from __future__ import annotations

from datetime import date

from fhir_made import PEOPLE, adjudged, alone, bundle, carrier, concept, denied, eob, line, ndjson, pharmacy
from write277 import write277
from write837 import write837

from appeals.intake import clinic835
from appeals.intake.claim835 import dated
from appeals.intake.remittance import Claim, Interchange, Line, Name, Transaction
from appeals.intake.status_report import CLAIM, RECEIVER, Status, StatusReport
from appeals.intake.submission import Submission
from appeals.intake.x12 import Delimiters

NOTICE = date(2026, 11, 20)
TRAILER = b"SE*1*0001~\nGE*1*1~\nIEA*1*1~\n"


def seeds_of(target: str) -> list[bytes]:
    """The seeds of a target; a reader nobody wrote seeds for starts from all of them."""
    return SEEDS.get(target) or [seed for kind in sorted(SEEDS) for seed in SEEDS[kind]]


def _remittances() -> list[bytes]:
    whole = clinic835.remittance(NOTICE)
    segments = whole.split(b"~\n")
    starts = [at for at, segment in enumerate(segments) if segment.startswith((b"CLP", b"SE"))]
    head, first, fifth = segments[: starts[0]], segments[starts[0] : starts[1]], segments[starts[4] : starts[5]]
    small = b"~\n".join([*head, *first, b"PLB*1234567893*20261231*WO:1*12.5", b""]) + TRAILER
    other = b"~\n".join([*head, *fifth, b""]) + TRAILER
    odd = Delimiters("|", ">", "^", "\x1c")
    table = bytes.maketrans(b"*:~", f"{odd.element}{odd.component}{odd.terminator}".encode())
    return [
        small, other, small.translate(table), small.replace(b"\n", b"\r\n"), small[:-40], b"\xef\xbb\xbf\n" + small,
        small.decode("ascii").encode("utf-16"), b"\r\n".join(small[at : at + 80] for at in range(0, len(small), 80)),
    ]  # fmt: skip


def _explanations() -> list[bytes]:
    glued = adjudged("noncovered", "400", concept("https://payer.example/own", "CO120"))
    shares = eob(line("500", "100", glued, adjudged("copay", "5"), adjudged("discount", "1e1")), own="e-2", paid="100.00")
    texts = [
        bundle(denied(), *PEOPLE), ndjson(*PEOPLE, denied(), carrier()), alone(denied(), *PEOPLE), ndjson(shares), ndjson(carrier()),
        ndjson(pharmacy()), f"[{alone(carrier(), *PEOPLE)}]", ndjson(denied(status="draft")), bundle(PEOPLE[0]),
    ]  # fmt: skip
    return [text.encode() for text in texts] + [texts[2].encode("utf-16"), texts[3].encode("utf-8-sig")]


def _sent() -> list[bytes]:
    erin, kit = Name("EXAMPLE", "ERIN", "", "MI", "M-1"), Name("EXAMPLE", "KIT")
    visit = Line(0, "HC:99214", 21_000, None, "", "1", (dated("472", "20261102"),))
    claim = Claim(
        0, 0, "C-1", "", 21_000, None, None, filing="CI", facility="11", frequency="1", patient=erin, insured=erin, lines=(visit,)
    )
    told = {"purpose": "CH", "rank": "P", "group": "G-1", "assigned": "Y"}
    first = Submission(claim, kind="P", relation="18", diagnoses=("F332",), **told)
    again = claim._replace(claim_number="C-2", frequency="7", patient=kit, references=(("F8", "ICN-1"),))
    texts = [write837(_HEAD, _BATCH, [Submission(again, kind=kind, relation="19", original="ICN-1", **told)]) for kind in "PID"]
    texts += [write837(_HEAD, _BATCH, [first]), write837(_HEAD, _BATCH, [first], delimiters=_ODD, line_end="\r\n")]
    return [text.encode() for text in texts] + [texts[3].encode()[:-60]]


def _reports() -> list[bytes]:
    taken, invalid = Status("A2", "20", "PR", NOTICE, "WQ"), Status("A7", "562", "85", NOTICE, "U")
    days = (dated("232", "20261102"), dated("233", "20261102"))
    claim = Claim(0, 0, "C-1", "A2:20", 21_000, None, None, patient=Name("EXAMPLE", "ERIN", "", "MI", "M-1"), dates=days)
    accepted = StatusReport(claim, CLAIM, "C-1", (taken,), NOTICE)
    refused = accepted._replace(statuses=(invalid, invalid._replace(line=1)), message="SEND IT AGAIN")
    whole = StatusReport(claim._replace(claim_number="", patient=Name()), RECEIVER, "BATCH-1", (invalid,), NOTICE)
    told = accepted._replace(answer=True, trace="Q-1", claim=claim._replace(references=(("1K", "ICN-1"), ("EJ", "C-1"))))
    texts = [write277(_HEAD, _BATCH, reports) for reports in ([accepted], [whole, refused], [told], [refused._replace(by_payer=False)])]
    texts.append(write277(_HEAD, _BATCH, [accepted], delimiters=_ODD))
    return [text.encode() for text in texts] + [texts[0].encode()[:-60]]


def _tables() -> dict[str, list[bytes]]:
    claims = (
        "Claim Number,Payer,Patient,Member ID,Status,Notice Date,Service Date,Charge,Paid,Denied,Denial Codes,Note\r\n"
        'C-1,Health,"Example, Erin",M-1,Denied,11/20/2026,11/02/2026,"$1,500.00",0,,CO-50; N115,"two\r\nlines"\r\n'
        "C-2,Health,Kit Example,M-2,Paid,2026-11-20,2026-11-02,500,(20.00),100,CO-45,=1+1\r\n"
    )
    lines = (
        "Claim Number,Payer,Patient,Status,Notice Date,DOS,CPT,Line,Charge,Paid,Denial Codes,Contractual\n"
        "C-1,Health,Erin Example,Denied,2026-11-20,11/02/2026,96365,1,500,0,CO-50,\n"
        "C-1,Health,Erin Example,Denied,2026-11-20,11/02/2026,J3490,2,70.5,0,PR-204/N130,10\n"
    )
    return {
        name: [text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text[:-30].encode(), text.replace(",", ";").encode()]
        for name, text in (("generic-claims", claims), ("generic-lines", lines))
    }


_ODD = Delimiters("|", ">", "^", "\x1c")
_HEAD = Interchange(1, "CLINIC", "PAYER", "261120", "000000001", "T")
_BATCH = Transaction(
    3, "0001", produced_on=dated("BHT04", "20261120"), trace="BATCH-1",
    payer="HEALTH", payer_id="60001", payee="CLINIC", payee_id="1234567893",
)  # fmt: skip
SEEDS = {"835": _remittances(), "fhir": _explanations(), "837": _sent(), "277": _reports(), **_tables()}
SEEDS["x12"] = SEEDS["835"]
