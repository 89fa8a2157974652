"""Made-up remittances as text, for the tests of what an import does to cases. Nobody in them lives."""

from __future__ import annotations

from practice import Office

DAY = "2026-11-24"
NPI, OTHER_NPI = "1234567893", "1245319599"  # both have the right check digit


def claim(
    number: str, status: str, charge: str, paid: str, *cas: str, icn: str | None = None, last: str = "EXAMPLE", first: str = "ERIN",
    member: str = "M-1", served: str = "20261102", at_claim: tuple[str, ...] = (), lines: tuple[str, ...] = (), more: tuple[str, ...] = (),
) -> list[str]:  # fmt: skip
    """The segments of one claim with one line, or with `lines`: `procedure charge paid adjustment...`."""
    lines = lines or (" ".join(("96365", charge, paid, *cas)),)
    segments = [
        f"CLP*{number}*{status}*{charge}*{paid}**12*{f'ICN-{number}' if icn is None else icn}",
        *(f"CAS*{each}" for each in at_claim),
    ]
    segments += [f"NM1*QC*1*{last}*{first}****MI*{member}"] if last else []
    segments += [*more, *([f"DTM*232*{served}"] if served else [])]
    for line in lines:
        procedure, charged, got, *off = line.split()
        segments += [f"SVC*HC:{procedure}*{charged}*{got}", *([f"DTM*472*{served}"] if served else []), *(f"CAS*{each}" for each in off)]
    return segments


def payment(
    *claims: list[str], trace: str = "T-1", paid: str = "0", plb: tuple[str, ...] = (), day: str = "20261120",
    payer: str = "INVENTED HEALTH", payee: str = f"XX*{NPI}", tax_id: str = "", control: str = "0001",
) -> list[str]:  # fmt: skip
    """The segments of one transaction. A `plb` is `code:reference*amount`."""
    body = [
        f"ST*835*{control}", f"BPR*I*{paid}*C*NON************{day}", f"TRN*1*{trace}*1999999999", f"DTM*405*{day}", f"N1*PR*{payer}",
        "N1*PE*MADE-UP CLINIC" + (f"*{payee}" if payee else ""), *([f"REF*TJ*{tax_id}"] if tax_id else []), "LX*1",
    ]  # fmt: skip
    body += [segment for each in claims for segment in each]
    body += [f"PLB*{NPI}*20261231*{each}" for each in plb]
    return [*body, f"SE*{len(body) + 1}*{control}"]


def interchange(*payments: list[str], control: str = "000000001") -> str:
    """One interchange as text."""
    segments = [
        f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'PAYER':<15}*ZZ*{'CLINIC':<15}*261120*1200*^*00501*{control}*0*P*:",
        "GS*HP*PAYER*CLINIC*20261120*1200*1*X*005010X221A1",
        *(segment for each in payments for segment in each),
        f"GE*{len(payments)}*1",
        f"IEA*1*{control}",
    ]
    return "".join(f"{segment}~\n" for segment in segments)


def remittance(*claims: list[str], **how) -> str:
    """One interchange with one payment."""
    return interchange(payment(*claims, **how))


def take(office: Office, text: str | bytes, name: str = "era.835", *, options: str = ""):
    """Take a file in; the answer with `--json`."""
    file = office.db.with_name(name)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return office.say(f"{DAY} intake {file} {options}".strip(), "--json")


def fates(answer) -> dict[str, int]:
    """How many claims of the only file had which fate."""
    [file] = answer.data["files"]
    return {fate: sums["claims"] for fate, sums in file["fates"].items()}
