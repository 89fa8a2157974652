"""The project's own remittances for the golden tests, made by its own writer; every name and number is made up."""

from __future__ import annotations

from datetime import date

from appeals.intake.claim835 import dated
from appeals.intake.clinic835 import remittance
from appeals.intake.remittance import Adjustment, Claim, Interchange, Line, Name, ProviderAdjustment, Transaction
from appeals.intake.write835 import Payment, write
from appeals.intake.x12 import Delimiters

FULL = Claim(
    0, 1, "T-1", "2", 40_000, 9_050, 1_000, "12", "P-1", "11", "7",
    patient=Name("LARKSPUR", "EUDORA", "Q", "MI", "M1"), insured=Name("LARKSPUR", "AMOS", "", "MI", "M0"),
    corrected=Name("LARKSPUR", "EUDORA"), rendering=Name("HAZEL", "GRAY", "", "XX", "1234567893"),
    adjustments=(Adjustment("OA", "23", 5_000), Adjustment("OA", "94", -50)), remarks=("MA01", "MA07", "N1", "N2", "N3", "N4"),
    dates=(dated("232", "20261001"), dated("050", "20002316")), references=(("EA", "MRN-7"), ("G1", "AUTH-9")),
    lines=(
        Line(0, "HC:96365:59:GT", 30_000, 9_050, "0260", "1.5", (dated("150", "20261001"), dated("151", "20261002")), (
            Adjustment("CO", "45", 10_000), Adjustment("CO", "253", 50), Adjustment("CO", "50", 9_900, "1"), Adjustment("PR", "2", 1_000),
        ), ("N115", "M25"), "T-1-1"),
        Line(0, "N4:00002143481", 10_000, 0, "", "", (dated("472", "20261001"),), tuple(
            Adjustment("CO", code, 1_250 if code != "45" else 1_200) for code in ("45", "96", "97", "16", "18", "29", "197", "252")
        )),
    ),
)  # fmt: skip
REVERSAL = Claim(
    0, 2, "T-0", "22", -12_345, -10_000, None, "MC", "P-0", patient=Name("BRAMBLE", "JO", "", "HN", "M2"),
    lines=(Line(0, "HC:99213", -12_345, -10_000, "", "-1", (), (Adjustment("CO", "45", -2_345),)),),
)  # fmt: skip
SPOILT = Claim(0, 3, "T-2", "4", 777_700, 0, None, patient=Name("FERN", "IVY"), adjustments=(Adjustment("CO", "29", 777_700),))


def traps() -> bytes:
    """Everything at once: odd delimiters, wrapped lines, a byte order mark, a spoilt amount, a takeback, no trailers at the end."""
    head = Interchange(1, "PAYER", "CLINIC", "261120", "000000042", "P")
    first = Transaction(
        0, "0001", "I", -4_176, "CHK", dated("BPR16", "20261121"), "T-77", dated("405", "20002316"), "ODD HEALTH", "", "CLINIC"
    )
    takeback = ProviderAdjustment(0, "1234567893", dated("PLB02", "20261231"), "WO:P-0", 3_226)
    odd = Delimiters("|", ">", "^", "'")
    one = write(head, [Payment(transaction=first, claims=(FULL, REVERSAL, SPOILT), settled=(takeback,))], delimiters=odd, wrap=77)
    second = Transaction(
        0, "0002", "H", 0, "NON", dated("BPR16", "20261122"), "T-78", dated("405", "20261120"), "EVEN HEALTH", "9", "CLINIC", "1"
    )
    unpaid = Claim(0, 1, "T-3", "1", 5_000, 0, 5_000, adjustments=(Adjustment("PR", "1", 5_000),))
    two = write(head, [Payment(transaction=second, claims=(unpaid,))], delimiters=Delimiters("\x1d", "\x1f", "\x1e", "\x1c"))
    return b"\xef\xbb\xbf\r\n" + one.replace("7777", "77X7").encode() + b"\r\n" + two[: two.index("SE\x1d")].encode() + b"\0\x1a"


GOLDEN = {"clinic": lambda: remittance(date(2026, 11, 20)), "traps": traps}
