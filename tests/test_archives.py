"""What `intake` is pointed at: folders, archives and standard input, each file whole or not at all, and no archive a way to do harm."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import resource
import stat
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from functools import partial

import pytest
from practice import Offices
from test_bad_input import ROOT
from test_take_in import DAY, era

from appeals.intake import archives
from appeals.intake.archives import unwrapped

ERA = era("C-9 4 500 0 CO*50*500").encode()
OTHER = era("C-8 4 700 0 CO*50*700", trace="T-2").encode()
HUGE = 1 << 28


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content, method)
    return packed.getvalue()


def inside(content: bytes, name: str = "mail") -> list[tuple[str, bytes | str]]:
    """Name and bytes of every file in an archive, or why there are none."""
    found = []
    for each in unwrapped(name, io.BytesIO(content), tempfile.TemporaryFile):
        found.append((each.name, each.passed_over or (each.refused.message if each.refused else each.stream.read())))
    return found


def refused(content: bytes) -> str:
    [(_, why)] = inside(content)
    assert isinstance(why, str), "it was taken"
    return why


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def test_a_plain_file_a_gzip_of_several_parts_and_a_zip_hold_the_same_bytes():
    assert inside(ERA) == [("mail", ERA)]
    assert inside(gzip.compress(ERA[:100]) + gzip.compress(ERA[100:])) == [("mail", ERA)]
    assert inside(zipped(("a.835", ERA), ("b/c.835", OTHER))) == [("mail > a.835", ERA), ("mail > b/c.835", OTHER)]


def test_a_gzip_in_a_zip_is_opened_and_one_more_wrapping_is_not():
    assert inside(zipped(("a.gz", gzip.compress(ERA)))) == [("mail > a.gz", ERA)]
    assert "more than 2 deep" in refused(zipped(("a.gz", gzip.compress(gzip.compress(ERA)))))


def test_a_name_that_would_climb_out_is_only_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ("../../etc/cron.d/x", "/etc/passwd", "C:\\x", "a\x1b[2J.835")
    assert [content for _, content in inside(zipped(*((name, ERA) for name in names)))] == [ERA] * 4
    assert list(tmp_path.iterdir()) == []


def encrypted(content: bytes) -> bytes:
    """The same archive with its first member said to be encrypted, in both places that say so."""
    found = bytearray(content)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found[found.index(magic) + at] |= 1
    return bytes(found)


def overlapping() -> bytes:
    """Two members of the directory that are the same bytes of the archive."""
    content = bytearray(zipped(("a.835", ERA), ("b.835", OTHER)))
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    return bytes(content)


def promising(size: int) -> bytes:
    """An archive whose one member says it unpacks to so many bytes."""
    content = bytearray(zipped(("a.835", ERA)))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, size)
    return bytes(content)


def long_directory() -> bytes:
    """An archive whose end says its directory is huge, and is."""
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, archives.LARGEST_DIRECTORY + 5, 0, 0)
    return b"PK\x03\x04" + bytes(archives.LARGEST_DIRECTORY + 1) + end


def bad_sum(content: bytes) -> bytes:
    """The first member's checksum changed, in both places."""
    found = bytearray(content)
    for magic, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        found[found.index(magic) + at] ^= 0xFF
    return bytes(found)


BROKEN = [
    ("a gzip cut short", gzip.compress(ERA)[:-9], "cut short"),
    ("a gzip with a wrong checksum", gzip.compress(ERA)[:-8] + bytes(8), "damaged"),
    ("a gzip with something behind it", gzip.compress(ERA) + b"and more", "followed by something else"),
    ("a gzip that is no gzip", b"\x1f\x8bnonsense", "damaged"),
    ("a gzip bomb", gzip.compress(bytes(4 << 20)), "a trap"),
    ("a zip bomb", zipped(("a", bytes(4 << 20))), "a trap"),
    ("a zip cut short", zipped(("a.835", ERA))[:-30], "cut short"),
    ("an empty zip", zipped(), "empty"),
    ("a zip behind another", zipped(("a.835", ERA)) + zipped(("b.835", OTHER)), "before or behind"),
    ("a zip with something behind it", zipped(("a.835", ERA)) + b"and more", "before or behind"),
    ("a zip with too long a directory", long_directory(), "too long a list"),
    ("members over each other", overlapping(), "lie over each other"),
    ("a promise of 4 GB", promising(0xFFFFFFF0), "more than 1024 MB"),
    ("a promise of 300 MB", promising(300 << 20), "larger than 256 MB"),
    ("an encrypted member", encrypted(zipped(("a.835", ERA))), "encrypted"),
    ("a link", zipped((link("a.835"), b"/etc/passwd")), "a link"),
    ("a wrong checksum", bad_sum(zipped(("a.835", ERA))), "damaged"),
    ("an unusual packing", zipped(("a.835", ERA), method=zipfile.ZIP_LZMA), "unusual"),
    ("a workbook", zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>")), "Office document"),
    ("too many members", zipped(*((f"{n}", b"") for n in range(archives.MOST_MEMBERS + 1))), "more than 1000 members"),
]


@pytest.mark.parametrize(("content", "word"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_an_archive_that_is_not_what_it_says_is_refused_by_what_is_wrong(content, word):
    assert word in refused(content)


def test_a_damaged_member_keeps_no_other_out_and_hidden_ones_are_passed_over():
    content = bad_sum(zipped(("a.835", ERA), ("__MACOSX/._a.835", b"x"), ("b.835", OTHER), ("d/.DS_Store", b"x")))
    told = dict(inside(content))
    assert "damaged" in told.pop("mail > a.835")
    assert told == {"mail > b.835": OTHER, "mail > __MACOSX/._a.835": "a hidden file", "mail > d/.DS_Store": "a hidden file"}


def test_no_archive_may_unpack_to_more_than_all_of_it_together(monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", len(ERA) + 10)
    monkeypatch.setattr(archives, "_sound", lambda *_: None)
    first, second = inside(zipped(("a.835", ERA), ("b.835", OTHER)))
    assert first == ("mail > a.835", ERA)
    assert "beyond that" in second[1]


@pytest.mark.parametrize("seed", range(40))
def test_an_archive_with_any_byte_changed_is_read_or_refused_and_never_a_bug(seed):
    content = bytearray(zipped(("a.835", ERA), ("b.gz", gzip.compress(OTHER))))
    for at in range(seed, len(content), 40):
        changed = content.copy()
        changed[at] ^= 1 << seed % 8
        for name, told in inside(bytes(changed)):
            assert isinstance(told, str) or told in (ERA, OTHER) or not name.endswith(("a.835", "b.gz"))


def taken(office, *paths, code: int = 0) -> dict:
    answer = office.say(f"{DAY} intake", *(str(path) for path in paths), "--json")
    assert answer.code == code, answer.err
    return answer.data


def test_a_folder_is_its_own_files_by_name_and_tells_what_it_passed_over(offices, tmp_path):
    office = offices.after()
    (tmp_path / "b.835").write_bytes(OTHER)
    (tmp_path / "a.835").write_bytes(ERA)
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "c.835").write_bytes(b"not looked at")
    told = taken(office, tmp_path)
    assert [each["file"] for each in told["files"]] == ["a.835", "b.835"]
    assert told["passed_over"] == [{"file": ".hidden", "why": "a hidden file"}, {"file": "older", "why": "a folder in the folder"}]
    assert (told["summary"]["files"], told["summary"]["taken"], told["summary"]["fates"]["opened"]["claims"]) == (2, 2, 2)
    office.check()


def test_one_refused_file_among_others_is_told_and_keeps_none_out(offices, tmp_path):
    office = offices.after()
    for name, content in (("a.835", ERA), ("b.pdf", b"%PDF-1.7"), ("c.zip", bad_sum(zipped(("x.835", OTHER), ("y.835", OTHER))))):
        (tmp_path / name).write_bytes(content)
    told = taken(office, tmp_path, code=4)
    assert [each["file"] for each in told["files"]] == ["a.835", "c.zip > y.835"]
    assert sorted((each["file"], each["error"]["code"]) for each in told["refused"]) == [("b.pdf", 30), ("c.zip > x.835", 30)]
    said = office.say(f"{DAY} intake {tmp_path}")
    assert said.code == 4
    assert "4 files: 0 taken in, 2 taken in before, 2 refused" in said.out
    assert "b.pdf" in said.out and "PDF" in said.out
    office.check()


def test_where_every_file_is_refused_each_is_named_and_nothing_is_written(offices, tmp_path):
    office = offices.after()
    before = office.everything()
    for name in ("a.835", "b.835"):
        (tmp_path / name).write_bytes(b"")
    answer = office.say(f"{DAY} intake {tmp_path}")
    assert (answer.code, answer.out) == (30, "")
    assert "a.835" in answer.err and "b.835" in answer.err
    assert office.everything() == before


@pytest.mark.parametrize("more", [[], ["--dry-run"]], ids=["for good", "dry run"])
def test_the_same_bytes_under_two_names_and_in_an_archive_are_taken_once(offices, tmp_path, more):
    office = offices.after()
    (tmp_path / "a.835").write_bytes(ERA)
    (tmp_path / "b.835").write_bytes(ERA)
    (tmp_path / "c.zip").write_bytes(zipped(("d.gz", gzip.compress(ERA))))
    told = json.loads(office.say(f"{DAY} intake {tmp_path}", "--json", *more).out)["data"]
    assert [each["already"] is not None for each in told["files"]] == [False, True, True]
    assert {each["sha256"] for each in told["files"]} == {hashlib.sha256(ERA).hexdigest()}


def test_an_archive_leaves_no_file_behind(offices, tmp_path):
    office = offices.after()
    (tmp_path / "c.zip").write_bytes(zipped(("a.835", ERA)))
    before = set(office.db.parent.iterdir())
    taken(office, tmp_path / "c.zip")
    assert set(office.db.parent.iterdir()) == before


def program(office, *words, given: bytes | int, room: int = 0):
    limit = partial(resource.setrlimit, resource.RLIMIT_AS, (room, room)) if room else None
    command = [sys.executable, "-m", "cli", "intake", *map(str, words), "--db", str(office.db), "--as-of", DAY]
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(office.db.parent), "PATH": os.defpath}
    how = {"input": given} if isinstance(given, bytes) else {"stdin": given}
    return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60, preexec_fn=limit, **how)


def test_standard_input_is_a_file_like_any_other_and_leaves_none_behind(offices):
    office = offices.after()
    before = set(office.db.parent.iterdir())
    answer = program(office, "-", given=gzip.compress(ERA))
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert b"standard input" in answer.stdout
    assert set(office.db.parent.iterdir()) == before
    assert program(office, "-", "-", given=ERA).returncode == 30
    assert b"empty file" in program(office, "-", given=b"").stderr
    office.check()


def test_a_bomb_needs_no_room(offices, tmp_path):
    """300 MB of blanks in a gzip of 300 KB, in 200 MB of address space on top of what a start needs."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with (tmp_path / "bomb.gz").open("wb") as bomb:
        for _ in range(300):
            bomb.write(packer.compress(b" " * (1 << 20)))
        bomb.write(packer.flush())
    answer = program(offices.after(), tmp_path / "bomb.gz", given=b"", room=400 << 20)
    assert (answer.returncode, b"a trap" in answer.stderr) == (30, True), answer.stderr
