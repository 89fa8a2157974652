"""Who an explanation of benefits is about: patient, payer, provider and coverage, found in the file or inside the EOB itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from appeals.errors import FileRefused
from appeals.intake.fhir_json import Found
from appeals.intake.fhir_parts import Json, identifier, part, parts, text
from appeals.intake.remittance import Name

MOST_KEPT = 20_000  # patients, coverages, organisations, practitioners and claims of one file, which are all kept in mind
_MEMBER = ("MB", "MC", "sid/us-mbi")  # identifier types of HL7 v2 table 0203, and Medicare's own system
_NPI = ("npi", "NPI", "sid/us-npi")
_MEDICARE = ("https://bluebutton.cms.gov/", "MEDICARE")  # Blue Button names no insurer: its data are Medicare's
_NOBODY = Name()


class Party(NamedTuple):
    """What is kept of one resource that an EOB refers to; each kind fills what it has.

    `number` is the payer's number of an organisation, the provider's number of a claim, the member number of a coverage.
    """

    name: Name = _NOBODY
    number: str = ""
    npi: str = ""
    group: str = ""
    payer: str = ""
    payer_reference: str = ""


class Who(NamedTuple):
    """The people and organisations of one EOB, as far as the file names them."""

    patient: Name
    payer: str
    payer_id: str
    provider: str
    npi: str
    group: str
    claim_number: str
    unsure: tuple[str, ...] = ()  # what it refers to and several in the file may be


class People:
    """What the file says of those its EOBs refer to, by the address of the entry and by `Type/id`.

    Two servers may call two people `Patient/p-1`: a name that two different resources have is nobody's.
    """

    def __init__(self) -> None:
        self._known: dict[str, Party] = {}
        self._shared: dict[str, str] = {}  # names that two different resources have, and what they are
        self._servers: set[str] = set()  # that the file speaks of
        self._unsure: list[str] = []  # of the EOB in hand
        self._server = ""  # of the EOB in hand

    def keep(self, found: Found) -> None:
        """Remember a resource that an EOB may refer to. Raises FileRefused: there are more than MOST_KEPT."""
        kind, own = text(found.resource, "resourceType"), text(found.resource, "id")
        if kind == "ExplanationOfBenefit":
            references = (part(found.resource, "patient"), _coverage_of(found.resource))
            self._servers |= {_server(text(each, "reference")) for each in references} - {""}
        if kind not in _READ:
            return
        party = _READ[kind](found.resource)
        self._servers |= {_server(found.url)} - {""}
        for name in {f"{kind}/{own}" if own else "", _current(found.url)} - {""}:
            if self._known.setdefault(name, party) != party:
                self._shared[name] = kind
        if len(self._known) > 2 * MOST_KEPT:
            what = f"Resource {found.position}: the file has more than {MOST_KEPT} patients, coverages and organisations."
            raise FileRefused(what, "Split it, and take in the parts.")

    def who(self, eob: Json, url: str = "") -> Who:
        """Everybody the EOB is about; `url` is where it lies, and its references start from there."""
        self._unsure, self._server = [], _server(url)
        coverage = self._party(eob, _coverage_of(eob))
        patient = self._patient(eob, coverage)
        insurer = part(eob, "insurer")
        company = self._party(eob, insurer)
        if company == Party() and not text(insurer, "display") and coverage.payer_reference:
            company = self._found(coverage.payer_reference)
        npi, provider = self._provider(eob)
        return Who(
            patient=patient,
            payer=text(insurer, "display") or company.name.last or coverage.payer or _medicare(eob),
            payer_id=company.number or identifier({"identifier": insurer.get("identifier")}, "payerid", "naiccode"),
            provider=provider,
            npi=npi,
            group=coverage.group,
            claim_number=text(part(part(eob, "claim"), "identifier"), "value") or self._party(eob, part(eob, "claim")).number,
            unsure=tuple(dict.fromkeys(self._unsure)),
        )

    def _patient(self, eob: Json, coverage: Party) -> Name:
        reference = part(eob, "patient")
        known = self._party(eob, reference).name
        member = coverage.number or known.id or identifier({"identifier": reference.get("identifier")}, *_MEMBER)
        name = known if known.last or known.first else Name(text(reference, "display"))
        return name._replace(id_qualifier="MI" if member else "", id=member)

    def _provider(self, eob: Json) -> tuple[str, str]:
        """NPI and name of who sent the claim: `provider`, in STU3 also `organization`, else who is responsible in the care team."""
        names: list[str] = []
        team = [part(one, "provider") for one in parts(eob, "careTeam") if one.get("responsible") is True]
        for reference in (part(eob, "provider"), part(eob, "organization"), *team):
            party = self._party(eob, reference)
            names.append(text(reference, "display") or _full(party.name))
            npi = party.npi or _npi({"identifier": reference.get("identifier")})
            if npi:
                return npi, next(filter(None, names), "")
        return "", next(filter(None, names), "")

    def _party(self, eob: Json, reference: Json) -> Party:
        """Who a reference is to: a resource inside the EOB, or one of the file."""
        address = text(reference, "reference")
        if address.startswith("#"):
            inside = next((one for one in parts(eob, "contained") if text(one, "id") == address[1:]), {})
            read = _READ.get(text(inside, "resourceType"))
            return read(inside) if read else Party()
        return self._found(address)

    def _found(self, address: str) -> Party:
        """Who lies at an address. Only where the file speaks of one server at most is `Type/id` alone enough to tell."""
        address = _current(address)
        whole = address if ":" in address else f"{self._server}/{address}" if self._server else ""
        name = whole if whole in self._known else _short(address) if len(self._servers) < 2 else ""
        if name in self._shared:
            self._unsure.append(self._shared[name])
        return self._known.get(name, Party())


def _coverage_of(eob: Json) -> Json:
    """The coverage that pays: the one in focus, else the first."""
    insurances = list(parts(eob, "insurance"))
    chosen = next((one for one in insurances if one.get("focal") is True), insurances[0] if insurances else {})
    return part(chosen, "coverage")


def _current(address: str) -> str:
    """An address without the version it names."""
    return address.partition("/_history/")[0]


def _short(address: str) -> str:
    """`Type/id` of an address, whatever server it names."""
    return "/".join(address.split("/")[-2:])


def _server(address: str) -> str:
    """The server of an address that names one; "" of a relative one and of a urn."""
    return _current(address).rsplit("/", 2)[0] if address.startswith(("http://", "https://")) else ""


def _medicare(eob: Json) -> str:
    system, name = _MEDICARE
    return name if any(text(one, "system").startswith(system) for one in parts(eob, "identifier")) else ""


def _person(resource: Json) -> Party:
    return Party(name=_named(resource)._replace(id=identifier(resource, *_MEMBER)), npi=_npi(resource))


def _organisation(resource: Json) -> Party:
    name = Name(text(resource, "name"))
    return Party(name=name, number=identifier(resource, "payerid", "naiccode"), npi=_npi(resource))


def _coverage(resource: Json) -> Party:
    groups = (one for one in parts(resource, "class") if any(text(c, "code") == "group" for c in parts(part(one, "type"), "coding")))
    payer = part(resource, "payor")
    return Party(
        number=text(resource, "subscriberId") or identifier(resource, *_MEMBER),
        group=text(next(groups, {}), "value") or text(part(resource, "grouping"), "group"),
        payer=text(payer, "display"),
        payer_reference=text(payer, "reference"),
    )


def _claim(resource: Json) -> Party:
    return Party(number=next((value for one in parts(resource, "identifier") if (value := text(one, "value"))), ""))


def _named(resource: Json) -> Name:
    """The name in use: the official one, else the usual one, else the first; in whole where it has no parts."""
    names = sorted(parts(resource, "name"), key=lambda one: ("official", "usual").index(use) if (use := text(one, "use")) in _IN_USE else 2)
    for one in names:
        given = list(_given(one))
        if text(one, "family") or given:
            return Name(text(one, "family"), given[0] if given else "", " ".join(given[1:]))
        if text(one, "text"):
            return Name(text(one, "text"))
    return _NOBODY


def _given(name: Json) -> Iterator[str]:
    given = name.get("given")
    for each in given if isinstance(given, list) else [given]:
        if found := text({"given": each}, "given"):
            yield found


def _npi(resource: Json) -> str:
    """The NPI, if it can be one: ten digits."""
    found = identifier(resource, *_NPI)
    return found if len(found) == 10 and found.isdigit() and found.isascii() else ""


def _full(name: Name) -> str:
    return " ".join(one for one in (name.first, name.middle, name.last) if one)


_IN_USE = ("official", "usual")
_READ: dict[str, Any] = {
    "Patient": _person,
    "Practitioner": _person,
    "Organization": _organisation,
    "Coverage": _coverage,
    "Claim": _claim,
}
