"""Rule pack files: read, checked whole, and put together. A refusal names file, rule and key; no value is ever guessed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import tomli

from appeals import contractrows
from appeals import fields as f
from appeals import packrows as rows
from appeals.contract import rule_of
from appeals.errors import AppealsError, BadConfiguration
from appeals.packs import Pack, Packs
from appeals.packtables import CONTRACT, PARTIES, REMINDING, TABLES, wrong_together

SINGLE = ("pack", "reminders", "contract")
HINT = "`appeals rules sample template` writes a contract with every key explained; nothing of the file was taken."
NO_REMINDERS = rows.Reminding(offsets=(), hours=(), soon_days=0, stale_hours=1)
UNIQUE = ("target", "rule", "level", "regime", "channel", "amount", "statement", "term")


def read_pack(name: str, content: bytes, *, refuse: type[AppealsError] = BadConfiguration) -> Pack:
    """The pack in these bytes of the file `name`, fully checked; `refuse` is raised for the first thing that is wrong."""
    pack, wrong = examine(name, content)
    if pack is None or wrong:
        raise refuse(f"{wrong[0]}.", HINT)
    return pack


def examine(name: str, content: bytes) -> tuple[Pack | None, tuple[str, ...]]:
    """The pack in these bytes, and everything that is wrong with it, each with file, rule and key; None where it cannot be read."""
    try:
        raw = tomli.loads(content.decode("utf-8-sig"))
    except RecursionError:
        return None, (f"{name}: nested too deep for a rule pack",)
    except ValueError as error:
        return None, (f"{name}: not a TOML file ({error}); text stands in quotes, a date is 2026-11-23 without any",)
    wrong = [f"{name}: unknown table {table!r}" for table in raw if table not in (*SINGLE, *TABLES)]
    found: dict[str, Any] = {}
    for table in TABLES:
        found[table] = tuple(_rows(name, table, raw.get(table, ()), wrong))
    found["reminders"] = _single(name, "reminders", rows.Reminding, REMINDING, raw, wrong) if "reminders" in raw else None
    found["contract"] = _single(name, "contract", contractrows.Contract, CONTRACT, raw, wrong) if "contract" in raw else None
    found |= _single(name, "pack", dict, {"id": f.text, "version": f.text, "title": f.text}, raw, wrong) or {}
    if found["term"] and not found["contract"]:
        wrong.append(f"{name}: terms belong to a payer: [contract] names it")
    if "id" not in found:
        return None, tuple(wrong)
    return Pack(hash=hashlib.sha256(content).hexdigest(), **found), tuple(wrong)


def _rows(name: str, table: str, raw: Any, wrong: list[str]) -> Iterator[Any]:
    kind, converters = TABLES[table]
    if not isinstance(raw, list | tuple):
        wrong.append(f"{name}, {table}: must be a list of tables, each under [[{table}]]")
        return
    for number, row in enumerate(raw, start=1):
        label = f"{name}, {table} {_label(row) or number}"
        try:
            read = f.read(kind, converters, row)
        except f.Wrong as error:
            wrong += [f"{label}: {fault}" for fault in error.faults]
            continue
        if table == "rule" and (said := wrong_together(read)):
            wrong.append(f"{label}: {said}")
        yield read


def _single(name: str, table: str, kind: Any, converters: Mapping[str, f.Convert], raw: Mapping[str, Any], wrong: list[str]) -> Any:
    try:
        return f.read(kind, converters, raw.get(table))
    except f.Wrong as error:
        wrong += [f"{name}, {table}: {fault}" for fault in error.faults]
        return None


def _label(row: Any) -> str:
    return str(row.get("id") or row.get("code") or "") if isinstance(row, dict) else ""


def together(packs: Iterable[Pack], *, refuse: type[AppealsError] = BadConfiguration) -> Packs:
    """Several packs as one, with every reference between them checked."""
    found = joined(packs)
    wrong = (*doubled(found.packs), *dangling(found))
    if wrong:
        raise refuse(f"{wrong[0]}.", HINT)
    return found


def joined(packs: Iterable[Pack]) -> Packs:
    """Several packs as one, unchecked: the shipped ones are checked by a test, a practice's own when they are loaded.

    A later pack's house target, channel or reminder takes the place of an earlier one's.
    """
    listed = tuple(packs)
    terms = {term.id: (rule_of(term), pack) for pack in listed for term in pack.term}
    rules = {row.id: row for pack in listed for row in pack.rule} | {key: rule for key, (rule, _) in terms.items()}
    named: list[tuple[str, Pack]] = [(row.id, pack) for pack in listed for table in (pack.rule, pack.target, pack.term) for row in table]
    origin = dict(named)
    reminders = next((pack.reminders for pack in reversed(listed) if pack.reminders), NO_REMINDERS)
    return Packs(
        packs=listed,
        rules=MappingProxyType(rules),
        levels=MappingProxyType({row.id: row for pack in listed for row in pack.level}),
        regimes=tuple(row for pack in listed for row in pack.regime),
        states=tuple(row for pack in listed for row in pack.state),
        amounts=tuple(row for pack in listed for row in pack.amount),
        targets=MappingProxyType({row.state: row for pack in listed for row in pack.target}),
        channels=MappingProxyType({row.id: row for pack in listed for row in pack.channel}),
        reminders=reminders,
        reminding=MappingProxyType({row.id: row for pack in listed for row in pack.reminding}),
        rights=tuple(row for pack in listed for row in pack.right),
        statements=MappingProxyType({row.id: row for pack in listed for row in pack.statement}),
        contracts=tuple(pack for pack in listed if pack.contract),
        origin=MappingProxyType(origin),
    )


def doubled(packs: Iterable[Pack], names: Mapping[str, str] = MappingProxyType({})) -> tuple[str, ...]:
    """Ids that two rows of one kind share; a rule, a term and a house target are of one kind. `names`: pack id -> its file."""
    wrong = []
    seen: dict[tuple[str, str], str] = {}
    targets: set[tuple[str, str]] = set()  # a practice may set the house's own targets anew
    for pack in packs:
        for table in UNIQUE:
            for row in getattr(pack, table):
                key = ("rule" if table in ("term", "target") else table, row.id)
                if key in seen and not (table == "target" and key in targets):
                    wrong.append(f"{names.get(pack.id, pack.id)}, {table} {row.id}: id is already used in {seen[key]}")
                if table == "target":
                    targets.add(key)
                seen[key] = pack.id
    return tuple(wrong)


def dangling(packs: Packs) -> tuple[str, ...]:
    """References to levels, states and packs that nobody has, and levels at which nobody's right is known."""
    wrong = [f"{where}: level {level!r} is in no pack" for where, level in _levels_named(packs) if level not in packs.levels]
    codes = {state.code for state in packs.states}
    wrong += [f"rule {r.id}: states: {code!r} is in no pack" for r in packs.rules.values() for code in r.states if code not in codes]
    known = {pack.id for pack in packs.packs}
    rows_with_packs: list[tuple[str, tuple[str, ...]]] = [(f"regime {row.id}", row.packs) for row in packs.regimes]
    rows_with_packs += [(f"state {row.code}", (*row.external_packs, *row.medicaid_packs)) for row in packs.states]
    wrong += [f"{where}: packs: {name!r} is no pack" for where, names in rows_with_packs for name in names if name not in known]
    for level in packs.levels.values():
        parties = {right.party for right in packs.rights if level.id in right.levels}
        if level.obligation != "automatic" and (missing := [party for party in PARTIES if party not in parties]):
            wrong.append(f"level {level.id}: no right says whether {', '.join(missing)} may file")
    return tuple(wrong)


def _levels_named(packs: Packs) -> Iterator[tuple[str, str]]:
    yield from ((f"rule {rule.id}", level) for rule in packs.rules.values() for level in rule.levels)
    yield from ((f"right of the {right.party}", level) for right in packs.rights for level in right.levels)
    for state in packs.states:
        yield from ((f"state {state.code}", level) for level in (*state.external, *state.medicaid_managed_care, *state.medicaid_ffs))
    for row in packs.regimes:
        yield from ((f"regime {row.id}", level) for level in (*row.one_level, *row.two_levels, *row.external))
