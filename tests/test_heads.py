"""The head line: written one way, read from whatever it was kept in, and a typo in it is told for what it is."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from mailbox import mbox

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import heads
from appeals.errors import FileRefused, ImpossibleValue, StorageError
from appeals.record import Head

AT = datetime(2026, 11, 23, 14, 30, 1, 25, tzinfo=UTC)
HEAD = Head(log="01a21dc1-1edd-7b1e-8d8e-69f5791ab1f5", size=15, root="18d9ef371a11371c" * 4, at=AT)
NEWER = Head(log=HEAD.log, size=16, root="e0ff9066c864b5ab" * 4, at=AT)
LINE = heads.line(HEAD)
LOG, SIZE, ROOT, TIME = LINE.split()


def mail(text: str, encoding: str = "7bit") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "office@example.org", "owner@example.org", "Appeals: 3 due"
    message.set_content(text, cte=encoding)
    return message


def test_the_line_says_log_size_root_and_time_and_is_read_back():
    assert f"01a21dc1-1edd-7b1e-8d8e-69f5791ab1f5 15 {HEAD.root} 2026-11-23T14:30:01.000025Z" == LINE
    assert heads.typed(LINE) == HEAD
    assert heads.typed(f"  {LINE}\n") == HEAD


@given(st.integers(1, 10**14), st.text("0123456789abcdef", min_size=64, max_size=64), st.datetimes(timezones=st.just(UTC)))
def test_every_head_is_read_back_from_its_line(size, root, at):
    head = Head(log=HEAD.log, size=size, root=root, at=at)
    assert heads.typed(heads.line(head)) == head
    assert heads.found(f"the head was {heads.line(head)}.".encode()) == (head,)


def test_a_log_without_its_last_entry_has_no_head_line():
    with pytest.raises(StorageError, match="no last entry"):
        heads.line(Head(log=LOG, size=3, root=ROOT, at=None))


TYPOS = [
    ("a part is missing", f"{LOG} {SIZE} {ROOT}", "has 4 parts"),
    ("nothing", " ", "has 4 parts"),
    ("a digit of the root is missing", f"{LOG} {SIZE} {ROOT[1:]} {TIME}", "it has 63 characters"),
    ("a letter that is no hex digit", f"{LOG} {SIZE} {ROOT[:-1]}g {TIME}", "The root"),
    ("the root in capitals", f"{LOG} {SIZE} {ROOT.upper()} {TIME}", "The root"),
    ("a size that is none", f"{LOG} 1S {ROOT} {TIME}", "The size"),
    ("a size of nothing", f"{LOG} 0 {ROOT} {TIME}", "The size"),
    ("a log id that is none", f"{LOG[:-1]} {SIZE} {ROOT} {TIME}", "The log id"),
    ("a time without its zone", f"{LOG} {SIZE} {ROOT} {TIME[:-1]}", "The time"),
    ("the 31st of February", f"{LOG} {SIZE} {ROOT} {TIME.replace('11-23', '02-31')}", "no time of any day"),
    ("words", "the head I wrote down", "has 4 parts"),
]


@pytest.mark.parametrize(("line", "said"), [row[1:] for row in TYPOS], ids=[row[0] for row in TYPOS])
def test_a_line_typed_wrong_is_refused_by_the_part_that_is_wrong(line, said):
    with pytest.raises(ImpossibleValue) as refused:
        heads.typed(line)
    assert said in str(refused.value)
    assert ROOT[8:] not in str(refused.value)


FOLDED = f"{LOG} {SIZE}\n{ROOT}\n  {TIME}"
KEPT = {
    "the line alone": LINE.encode(),
    "in a sentence": f"Ana wrote: head {LINE}, thank you".encode(),
    "folded by a mail program": FOLDED.encode(),
    "folded with carriage returns": FOLDED.replace("\n", "\r\n").encode(),
    "quoted in an answer": f"> {LOG} {SIZE}\n> {ROOT}\n>> {TIME}\n".encode(),
    "a plain e-mail": mail(f"3 reminders.\nhead {LINE}\n").as_bytes(policy=SMTP),
    "an e-mail in quoted-printable": mail(f"Zur Prüfung:\nhead {LINE}\n", "quoted-printable").as_bytes(policy=SMTP),
    "an e-mail in base64": mail(f"Zur Prüfung:\nhead {LINE}\n", "base64").as_bytes(policy=SMTP),
    "bytes that are no text around it": b"\xff\xfe\x00" + LINE.encode() + b"\n\x80",
    "a JSON answer": f'{{"data":{{"head":"{LINE}"}}}}'.encode(),
    "an HTML page": f"<p>Head: <code>{LINE}</code></p>".encode(),
}


@pytest.mark.parametrize("kept", KEPT)
def test_the_line_is_found_in_whatever_it_was_kept_in(kept):
    assert heads.found(KEPT[kept]) == (HEAD,)


def test_every_head_of_a_mailbox_is_found_once_the_oldest_first(tmp_path):
    box = mbox(tmp_path / "digests.mbox")
    for text, encoding in ((heads.line(NEWER), "base64"), (LINE, "quoted-printable"), (LINE, "7bit")):
        box.add(mail(f"From the office, where è is typed:\nhead {text}\n" if encoding != "7bit" else f"head {text}\n", encoding))
    box.close()
    assert heads.found((tmp_path / "digests.mbox").read_bytes()) == (HEAD, NEWER)


@pytest.mark.parametrize(
    "raw", [b"", b"no head here", LINE[:-1].encode(), LINE[1:].encode(), f"f{LINE}".encode(), LINE.replace("11-23", "02-31").encode()]
)
def test_a_file_without_a_head_line_is_refused(raw):
    with pytest.raises(FileRefused, match="no head line"):
        heads.found(raw)


BROKEN_MAIL = {
    "a header nobody can read": b"Content-Type: text/plain; a*\n\nhi\n",
    "a charset nobody knows": b"Content-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: base64\n\n!!!\n",
    "parts without an end": b"Content-Type: message/rfc822\n\n" * 3000,
    "wide characters": LINE.encode("utf-16"),
}


@pytest.mark.parametrize("broken", BROKEN_MAIL)
def test_a_broken_message_hides_no_head_of_the_others(broken):
    assert heads.found(b"From a\n" + BROKEN_MAIL[broken] + b"\nFrom b\n\nhead " + LINE.encode() + b"\n") == (HEAD,)


def test_a_text_in_wide_characters_is_read():
    assert heads.found(f"head {LINE}\r\n".encode("utf-16")) == (HEAD,)
