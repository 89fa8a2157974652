"""Somebody with the file, a database shell and full knowledge of the format against heads that were kept outside.

Every attack makes leaves, roots, counts and the head anew wherever it can, so that the file agrees with itself: what finds it is
what somebody else kept. The last one is not found, and the documents say so.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from mailbox import mbox
from pathlib import Path

import pytest
from practice import EMPLOYER, INIT, Office, Offices, denied
from test_bad_input import ROOT

from appeals import audit
from db.engine import best_driver

ROWS = "SELECT e.*, t.text FROM event e JOIN event_text t USING (practice_id, seq) ORDER BY seq"
ANA, BEN = "M-1", "M-2"
DAYS = (
    *denied(),
    f"2026-11-06 open --patient 'Second, Ben' --payer 'Invented Health' --member-id {BEN} --claim C-2 --billed 90 {EMPLOYER}",
    "2026-11-06 note 2 'called them'",
    "2026-11-09 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
    "2026-11-09 note 1 'records asked for'",
    "2026-11-10 note 2 'called again'",
    "2026-11-10 note 1 'records came'",
)
LATER = ("2026-11-12 note 1 'not under any head yet'", "2026-11-12 note 2 'nor this'")
Entry = dict[str, object]
Attack = Callable[[list[Entry]], list[Entry]]


@dataclass(frozen=True, slots=True)
class Watched:
    """An office and what others keep of it: a mailbox of daily heads, the newest head, an export of each patient, an old backup."""

    office: Office
    mailbox: Path
    newest: str
    sizes: tuple[int, ...]
    exports: dict[str, Path]
    backup: Path


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def watched(offices, tmp_path) -> Watched:
    office, lines, backup = offices.after(), [], tmp_path / "backup.db"
    for turn in DAYS:
        office.do(turn)
        if turn.startswith("2026-11-06 note"):
            copied(office.db, backup)
        lines.append(office.do(f"{turn.split()[0]} audit head --json").data)
    exports = {}
    for member in (ANA, BEN):
        exports[member] = tmp_path / f"{member}.jsonl"
        office.do(f"2026-11-11 audit export --patient {member} --out {exports[member]}")
    lines.append(office.do("2026-11-11 audit head --json").data)
    box = mbox(tmp_path / "digests.mbox")
    daily = {line["recorded_at"][:10] + str(line["size"]): line for line in lines[1::2]} | {"last": lines[-1]}
    for line in daily.values():
        box.add(f"Subject: 2 reminders\n\n2 reminders.\nhead {line['head']}\n")
    box.close()
    sizes = tuple(sorted({line["size"] for line in daily.values()}))
    return Watched(office, tmp_path / "digests.mbox", lines[-1]["head"], sizes, exports, backup)


def copied(source: Path, target: Path) -> None:
    with closing(best_driver().connect(source)) as old, closing(best_driver().connect(target)) as new:
        old.backup(new)


def entries_in(db: Path) -> list[Entry]:
    with closing(best_driver().connect(db)) as connection:
        rows = connection.execute(ROWS)
        return [dict(zip([column[0] for column in rows.description], row, strict=True)) for row in rows]


def forged(db: Path, attack: Attack, *, log: str = "") -> None:
    """The log replaced by what `attack` makes of it, everything that can be computed computed anew."""
    entries = attack(entries_in(db))
    counts: Counter[object] = Counter()
    tree = audit.Tree()
    for seq, entry in enumerate(entries, 1):
        told = json.loads(str(entry["text"])) | {"seq": seq}
        told |= {"log": log} if log else {}
        if told["patient"]:
            counts[told["patient"]] += 1
            told["patient_seq"] = counts[told["patient"]]
        entry["text"] = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        tree = tree.append(audit.leaf(str(entry["text"])))
        entry |= {"seq": seq, "patient_seq": told["patient_seq"], "log_id": told["log"], "name": told["name"]}
        entry |= {"leaf": audit.leaf(str(entry["text"])).hex(), "root": tree.root().hex()}
    laid(db, entries, tree, log)


def laid(db: Path, entries: Sequence[Entry], tree: audit.Tree, log: str = "") -> None:
    """The entries written in place of those that were there, and the practice's end of the log with them."""
    with closing(best_driver().connect(db, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        connection.execute("BEGIN")
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM event_text")
        connection.execute("DELETE FROM event")
        for entry in entries:
            columns = [name for name in entry if name != "text"]
            row = ", ".join("?" * len(columns))
            quoted = ", ".join(f'"{name}"' for name in columns)
            connection.execute(f"INSERT INTO event ({quoted}) VALUES ({row})", [entry[name] for name in columns])
            connection.execute("INSERT INTO event_text VALUES (?, ?, ?)", (entry["practice_id"], entry["seq"], entry["text"]))
        end = (tree.size, json.dumps(tree.to_hex()), tree.root().hex())
        connection.execute("UPDATE practice SET log_size = ?, log_frontier = ?, log_root = ?", end)
        counts = Counter(entry["patient_id"] for entry in entries if entry["patient_id"])
        connection.execute("UPDATE patient SET event_count = 0")
        connection.executemany("UPDATE patient SET event_count = ? WHERE id = ?", [(count, patient) for patient, count in counts.items()])
        if log:
            connection.execute("UPDATE practice SET log_id = ?", (log,))
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("COMMIT")


def verdict(office: Office, *against: object) -> tuple[int, dict]:
    words = f" --against '{against[0]}'" if against else ""
    answer = office.say(f"2026-11-13 audit verify{words} --json")
    return answer.code, json.loads(answer.out)["data"]


def edit(at: int) -> Attack:
    def edited(entries: list[Entry]) -> list[Entry]:
        entries[at - 1]["text"] = str(entries[at - 1]["text"]).replace('"reason":"', '"reason":"never ')
        return entries

    return edited


def drop(at: int) -> Attack:
    return lambda entries: [*entries[: at - 1], *entries[at:]]


def insert(at: int) -> Attack:
    def inserted(entries: list[Entry]) -> list[Entry]:
        told = json.loads(str(entries[at]["text"])) | {"case_version": None, "reason": "never happened"}
        brought_in = {**entries[at], "request_id": None, "case_version": None, "text": json.dumps(told)}
        return [*entries[: at - 1], brought_in, *entries[at - 1 :]]

    return inserted


def swap(at: int) -> Attack:
    return lambda entries: [*entries[: at - 1], entries[at], entries[at - 1], *entries[at + 1 :]]


def rewrite(entries: list[Entry]) -> list[Entry]:
    for entry in entries:
        entry["text"] = str(entry["text"]).replace('"nonce":"', '"nonce":"0')
    return entries


def without_one_patients_last(entries: list[Entry]) -> list[Entry]:
    first = next(entry["patient_id"] for entry in entries if entry["patient_id"])
    mine = [entry for entry in entries if entry["patient_id"] == first]
    return [entry for entry in entries if entry not in mine[2:]]


def emptied(_entries: list[Entry]) -> list[Entry]:
    return []


def range_of(watched: Watched, first: int) -> tuple[int, int]:
    """Between which heads an entry stands: what daily heads can say of it."""
    below = max((size for size in watched.sizes if size < first), default=0)
    return below + 1, min(size for size in watched.sizes if size >= first)


REMADE = {
    "an entry edited": edit(4),
    "the first entry edited": edit(1),
    "an entry deleted": drop(5),
    "an entry brought in": insert(6),
    "two entries in another order": swap(7),
    "one patient's later entries dropped": without_one_patients_last,
    "the whole log written anew": rewrite,
}


def leaves_of(db: Path) -> list[object]:
    return [entry["leaf"] for entry in entries_in(db)]


def first_that_differs(before: list[object], after: list[object]) -> int:
    return next(seq for seq, (old, new) in enumerate(zip_longest(before, after), 1) if old != new)


@pytest.mark.parametrize("attack", REMADE)
def test_a_log_changed_and_made_anew_is_found_by_daily_heads_and_the_day_is_named(watched, attack):
    assert verdict(watched.office, watched.mailbox)[0] == 0
    before = leaves_of(watched.office.db)
    forged(watched.office.db, REMADE[attack])
    lowest, highest = range_of(watched, first_that_differs(before, leaves_of(watched.office.db)))
    assert verdict(watched.office)[0] == 0, "made anew, it agrees with itself: only what was kept outside can tell"
    code, told = verdict(watched.office, watched.mailbox)
    assert (code, told["first"], told["what"]) == (3, lowest, "head")
    cut_off = f"the first that differs is one of the entries {lowest} to {len(leaves_of(watched.office.db)) + 1}"
    assert f"the first {highest} entries are not those that were noted" in told["findings"][0] or cut_off in told["findings"][0]
    assert verdict(watched.office, watched.newest)[0] == 3


@pytest.mark.parametrize("attack", REMADE)
def test_an_export_kept_outside_names_the_very_entry_of_its_patient(watched, attack):
    forged(watched.office.db, REMADE[attack])
    now = dict(enumerate(leaves_of(watched.office.db), 1))
    for path in watched.exports.values():
        kept = [json.loads(line) for line in path.read_text().splitlines()[1:-1]]
        changed = [entry["seq"] for entry in kept if now.get(entry["seq"], entry["leaf"]) != entry["leaf"]]
        code, told = verdict(watched.office, path)
        assert (code, told["first"], told["what"]) == ((3, min(changed), "exported") if changed else (3, 1, "head"))


@pytest.mark.parametrize("remake", ["nothing", "the leaf"])
def test_an_entry_edited_without_all_made_anew_is_found_without_anything_kept_outside(watched, remake):
    def attack(entries: list[Entry]) -> list[Entry]:
        edited = edit(4)(entries)
        edited[3] |= {"leaf": audit.leaf(str(edited[3]["text"])).hex()} if remake == "the leaf" else {}
        return edited

    tree = audit.Tree()
    for entry in entries_in(watched.office.db):
        tree = tree.append(bytes.fromhex(str(entry["leaf"])))
    laid(watched.office.db, attack(entries_in(watched.office.db)), tree)
    code, told = verdict(watched.office)
    assert (code, told["first"], told["what"]) == (3, 4, "root" if remake == "the leaf" else "leaf")


def test_a_log_cut_off_is_found_and_the_first_missing_entry_named(watched):
    size = len(entries_in(watched.office.db))
    forged(watched.office.db, lambda entries: entries[:-3])
    assert verdict(watched.office)[0] == 0
    code, told = verdict(watched.office, watched.mailbox)
    assert (code, told["first"]) == (3, range_of(watched, size - 2)[0])
    assert f"the log ends after {size - 3} entries, but {size} were noted" in told["findings"][0]
    assert f"entry {size - 2} is missing" in told["findings"][0]


def test_an_emptied_log_is_found(watched):
    forged(watched.office.db, emptied)
    for against in ((), (watched.newest,), (watched.mailbox,)):
        code, told = verdict(watched.office, *against)
        assert (code, told["first"]) == (3, 1)
        assert "the log is empty" in told["findings"][0]


def test_an_old_backup_put_back_is_found_and_the_first_missing_entry_named(watched):
    old = len(entries_in(watched.backup))
    copied(watched.backup, watched.office.db)
    assert verdict(watched.office)[0] == 0
    code, told = verdict(watched.office, watched.mailbox)
    assert (code, told["first"]) == (3, range_of(watched, old + 1)[0])
    code, told = verdict(watched.office, watched.newest)
    assert f"entry {old + 1} is missing" in told["findings"][0]


def test_an_old_backup_put_back_and_filled_again_is_found(watched):
    old, size = len(entries_in(watched.backup)), len(entries_in(watched.office.db))
    copied(watched.backup, watched.office.db)
    watched.office.do(*(f"2026-11-12 note 1 'filled up {number}'" for number in range(size - old + 2)))
    assert verdict(watched.office)[0] == 0
    code, told = verdict(watched.office, watched.mailbox)
    assert (code, told["first"]) == (3, range_of(watched, old + 1)[0])


def test_the_log_of_another_practice_in_its_place_is_found(watched, offices, tmp_path):
    other = Office(tmp_path / "other.db")
    other.do(f"2026-11-02 {INIT}")
    copied(other.db, watched.office.db)
    code, told = verdict(watched.office, watched.newest)
    assert (code, told["first"]) == (3, 1)
    assert "it is another one" in told["findings"][0]


def test_rows_of_another_practice_under_the_logs_own_id_are_found(watched, tmp_path):
    other = Office(tmp_path / "other.db")
    other.do(f"2026-11-02 {INIT}", *DAYS)
    strange = entries_in(other.db)
    log = str(entries_in(watched.office.db)[0]["log_id"])
    own = entries_in(watched.office.db)[0]["practice_id"]
    forged(watched.office.db, lambda entries: [entry | {"practice_id": own} for entry in strange], log=log)
    code, told = verdict(watched.office, watched.mailbox)
    assert (code, told["first"]) == (3, 1)


def test_a_log_that_has_only_grown_since_is_the_same_log(watched):
    watched.office.do(*LATER)
    code, told = verdict(watched.office, watched.mailbox)
    assert (code, told["kept"], told["findings"]) == (0, len(watched.sizes), [])
    for path in watched.exports.values():
        assert verdict(watched.office, path)[0] == 0


def test_entries_dropped_that_no_head_was_kept_of_are_not_found_and_the_page_says_so(watched):
    noted = len(entries_in(watched.office.db))
    watched.office.do(*LATER)
    forged(watched.office.db, lambda entries: entries[:noted])
    assert verdict(watched.office, watched.mailbox)[0] == 0, "if this is found now, docs/threat-model.md says too little"
    page = " ".join((ROOT / "docs" / "threat-model.md").read_text("utf-8").split())
    assert "Entries made after the newest head that was kept outside can be dropped, and nobody will know" in page


def test_bytes_that_are_no_text_in_an_old_row_are_found_and_named_and_left_as_they_are(watched):
    with closing(best_driver().connect(watched.office.db, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER event_text_no_update")
        connection.execute("UPDATE event_text SET text = CAST(x'7b22ff227d' AS TEXT) WHERE seq = 3")
    before = watched.office.db.read_bytes()
    for against in ((), (watched.newest,), (watched.exports[ANA],)):
        code, told = verdict(watched.office, *against)
        assert (code, told["first"], told["what"]) == (3, 3, "leaf")
    assert watched.office.db.read_bytes() == before, "verification never repairs"


COLUMNS = ("actor", "case_id", "kind", "name", "on", "patient_id", "patient_seq", "recorded_at")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_an_entry_is_searched_by_cannot_hide_it(watched, column):
    value = {"patient_seq": 77, "on": "2026-01-01"}.get(column)
    with closing(best_driver().connect(watched.office.db, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute(f'UPDATE event SET "{column}" = ? WHERE seq = 4', (value or "",))
    code, told = verdict(watched.office)
    assert (code, told["first"], told["what"]) == (3, 4, "column")


def test_entries_hidden_from_a_patients_export_make_the_export_refuse(watched, tmp_path):
    with closing(best_driver().connect(watched.office.db, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DROP TRIGGER event_text_no_update")
        connection.execute("UPDATE event_text SET text = replace(text, 'called them', 'never called') WHERE seq = 5")
    answer = watched.office.say(f"2026-11-13 audit export --patient {BEN} --out {tmp_path}/new.jsonl")
    assert (answer.code, answer.out) == (74, "")
    assert "appeals audit verify" in answer.err
    assert not (tmp_path / "new.jsonl").exists()


DAMAGED = [
    "UPDATE event_text SET text = x'00ff' WHERE seq = 4",
    "UPDATE event_text SET text = CAST(text AS BLOB) WHERE seq = 4",
    *(f"UPDATE event SET \"{column}\" = x'00ff' WHERE seq = 4" for column in ("actor", "case_id", "kind", "name", "on", "patient_id")),
    "UPDATE event SET patient_seq = 9e999 WHERE seq = 4",
    "UPDATE event SET \"on\" = '2026-13-45' WHERE seq = (SELECT max(seq) FROM event)",
    "UPDATE event SET \"on\" = 'zzz'",
    "UPDATE event SET recorded_at = 'abc' WHERE seq = (SELECT max(seq) FROM event)",
    "UPDATE event SET recorded_at = '2020-01-01 00:00:00.000000'",
    "UPDATE practice SET log_id = x'00ff'",
    "UPDATE practice SET log_frontier = replace(log_frontier, 'a', 'b')",
    "UPDATE practice SET log_size = log_size + 2",
    "UPDATE patient SET event_count = event_count + 1",
    "DELETE FROM event_text WHERE seq = 4",
]


@pytest.mark.parametrize("statement", DAMAGED)
def test_whatever_is_put_in_a_row_is_a_finding_and_never_a_crash(watched, statement):
    with closing(best_driver().connect(watched.office.db, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    answer = watched.office.say("2026-11-13 audit verify")
    assert (answer.code, "BROKEN" in answer.out) == (3, True), answer.err
    checked = watched.office.say("2026-11-13 doctor")
    assert checked.code in (3, 74), checked.err
    assert "Traceback" not in checked.err


def test_a_damaged_record_of_the_practice_is_named(watched):
    with closing(best_driver().connect(watched.office.db, isolation_level=None)) as connection:
        connection.execute("UPDATE practice SET created_on = 'abc'")
    answer = watched.office.say("2026-11-13 audit verify")
    assert (answer.code, answer.out) == (74, "")
    assert "record of a practice is damaged" in answer.err
