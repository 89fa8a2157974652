"""The corpus the fuzzer starts from: files of our own generators, small, one for each thing a reader knows."""

from __future__ import annotations

from datetime import date

from fhir_made import PEOPLE, adjudged, alone, bundle, carrier, concept, denied, eob, line, ndjson, pharmacy

from appeals.intake import clinic835
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


SEEDS = {"835": _remittances(), "fhir": _explanations()}
SEEDS["x12"] = SEEDS["835"]
