"""One person's day as an e-mail: plain text and HTML, a Message-ID that stays the same, nothing of a patient. Pure; it sends nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from itertools import islice

from appeals import mail_html, show
from appeals.digest import BUCKETS, Item, PersonDigest, what_follows, what_waits
from appeals.errors import BadConfiguration, ImpossibleValue

CHANNEL = "mail"
WIDTH = 78
SUBJECT = {"overdue": "{} overdue", "late": "{} late", "today": "{} due today", "soon": "{} due soon"}
WAITS = "{} waiting for an answer"
TITLE = {
    "overdue": "OVERDUE: the last day has passed",
    "late": "LATE: past the day to work it, the last day is still ahead",
    "today": "DUE TODAY",
    "soon": "DUE SOON",
}
COLUMNS = ("case", "what", "work by", "last day", "left")
GAP = "  "
UNCHOSEN = "(?) plan not identified: nobody chose this date."
UNREAD = "(!) nobody has read the law behind this date yet."
NOTHING = "Nothing is due. This message says that the reminders are running."
UNREACHED = "No mail goes to {}, who has work: no address is known. `appeals person ACCOUNT --email NAME@DOMAIN`."
DELAYED = "Mail for {} has not left for too long: `appeals outbox` says why."
REFUSED = "A mail server refused what was for {}: `appeals outbox` says why."
BEYOND = "{} more, the least pressing, stand in no line of this message: `appeals today` shows them all."
LISTED = 200  # items in a message: more nobody reads, and what a message takes to make would grow with the backlog
LOOK = "Each case: `appeals show CASE`; the whole day: `appeals today`."
HEAD = "The audit trail at this moment; keep this line where nobody can change it:"
# No quoted names, comments or lists: one plain address, so that nothing can be smuggled into a header or to another person.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}")
LONGEST_LINE = 998  # RFC 5322 2.1.1, without the line's end
LONGEST = 254  # RFC 5321 4.5.3.1.3, without the angle brackets


class BadAddress(ImpossibleValue):
    """An address no message may be sent to; the person is named, the address is not repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every message of a practice shares."""

    sender: str
    practice_id: str


def message(digest: PersonDigest, settings: Settings, *, at: datetime) -> EmailMessage:
    """What one person is told on one day, ready to be sent.

    Raises:
        BadAddress: the person has no address, or one that is none.
        BadConfiguration: the sender is no address.
    """
    if not is_address(settings.sender):
        raise BadConfiguration("The sender of the mail is no address.", 'Write from = "appeals@your.domain" under [mail] in config.toml.')
    if not is_address(digest.email):
        account = show.text(digest.account)
        wrong = "is no address a mail can be sent to" if digest.email else "is not known"
        raise BadAddress(f"The e-mail address of {account} {wrong}.", f"`appeals person {account} --email NAME@DOMAIN`.")
    digest = _listed(digest)
    made = EmailMessage(policy=SMTP)
    made["From"] = settings.sender
    made["To"] = digest.email
    made["Subject"] = subject(digest)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = message_id(digest, settings)
    made["Auto-Submitted"] = "auto-generated"
    plain, page = text(digest), _page(digest)
    made.set_content(plain, cte=_encoding(plain))
    made.add_alternative(page, subtype="html", cte=_encoding(page))
    # The boundary is made by chance otherwise: the same digest is the same message, byte for byte.
    made.set_boundary(f"=_{message_id(digest, settings)[1:33]}")
    return made


def _listed(digest: PersonDigest) -> PersonDigest:
    """The digest with as many of its items, worst first, as a message lists; its totals stay those of all."""
    return replace(digest, items=tuple(islice(digest.items, LISTED)), totals=dict(totals(digest)))


def readdressed(body: str, address: str) -> str:
    """The same message, Message-ID and all, to another address of the same person."""
    made = message_from_string(body, policy=SMTP)
    made.replace_header("To", address)
    return made.as_bytes().decode("ascii")


def is_address(address: str) -> bool:
    """Whether this is one plain address, with nothing around it and no character that would end a header."""
    return len(address) <= LONGEST and ADDRESS.fullmatch(address) is not None


def subject(digest: PersonDigest) -> str:
    """Counts and nothing else: it is shown on locked telephones."""
    counts = totals(digest)
    told = [words.format(counts[bucket]) for bucket, words in SUBJECT.items() if counts[bucket]] or ["nothing due"]
    told += [WAITS.format(len(digest.asked) + digest.left)] if digest.waits else []
    return f"{'SANDBOX ' if digest.sandbox else ''}Appeals: {', '.join(told)}"


def totals(digest: PersonDigest) -> Counter[str]:
    """How many items stand in each bucket."""
    return Counter(digest.totals) if digest.totals else Counter(item.bucket for item in digest.items)


def message_id(digest: PersonDigest, settings: Settings) -> str:
    """The same for the same practice, person, day and content, however often it is made: who gets a copy can tell that it is one."""
    waits = [[*digest.asked, digest.left]] if digest.waits else []
    beyond = [_beyond(digest)] if _beyond(digest) else []
    content = json.dumps([*(asdict(item) for item in digest.items), *waits, *beyond], default=str, sort_keys=True)
    key = (settings.practice_id, digest.account, digest.on.isoformat(), CHANNEL, sha256(content.encode()).hexdigest())
    domain = settings.sender.rpartition("@")[2].lower()
    return f"<{sha256(json.dumps(key).encode()).hexdigest()}@appeals.{domain}>"


def text(digest: PersonDigest) -> str:
    """The message for people without HTML, and a file of its own: at most 78 columns, but for the head line, which stays in one piece."""
    lines = [*_wrapped(show.text(digest.practice)), *_wrapped(opening(digest)), ""]
    for title, items in sections(digest):
        lines += [title, *_table([cells(item) for item in items]), ""]
    lines += [line for said in following(digest) for line in (*_wrapped(said), "")]
    lines += [line for note in (*notes(digest), LOOK) for line in _wrapped(note)]
    lines += ["", HEAD, digest.head] if digest.head else []
    return "\n".join(lines) + "\n"


def _page(digest: PersonDigest) -> str:
    tables = [(title, [cells(item) for item in items]) for title, items in sections(digest)]
    head = (HEAD, digest.head) if digest.head else None
    said = (*following(digest), *notes(digest), LOOK)
    return mail_html.page(subject(digest), (show.text(digest.practice), opening(digest)), COLUMNS, tables, said, head)


def opening(digest: PersonDigest) -> str:
    """Whose day it is, and what is in it."""
    counts = subject(digest).partition("Appeals: ")[2]
    sandbox = " SANDBOX: nothing in this is real." if digest.sandbox else ""
    return f"Appeals for {show.text(digest.account)} on {show.day(digest.on)}: {counts}.{sandbox}"


def sections(digest: PersonDigest) -> list[tuple[str, list[Item]]]:
    """The items below the heading of their bucket with how many there are, in the order they came in."""
    counts, found = totals(digest), []
    for bucket in BUCKETS:
        if items := [item for item in digest.items if item.bucket == bucket]:
            count = str(len(items)) if len(items) == counts[bucket] else f"{counts[bucket]}, the first {len(items)} of them"
            found.append((f"{TITLE[bucket]} ({count})", items))
    return found


def _beyond(digest: PersonDigest) -> int:
    """How many items are in no line."""
    return totals(digest).total() - len(digest.items)


def following(digest: PersonDigest) -> list[str]:
    """What follows from each time that ran out, in the order of the items: the rule's own words, nobody's of the office."""
    return [show.text(said) for item in digest.items for said in what_follows(item)]


def notes(digest: PersonDigest) -> list[str]:
    """What the marks mean, that nothing is due, and to a manager whom no mail reaches."""
    said = [*what_waits(digest)] if digest.waits else [NOTHING] if not digest.items else []
    said += [BEYOND.format(_beyond(digest))] if _beyond(digest) else []
    said += [UNREACHED.format(", ".join(map(show.text, digest.unreached)))] if digest.unreached else []
    said += [REFUSED.format(", ".join(map(show.text, digest.refused)))] if digest.refused else []
    said += [DELAYED.format(", ".join(map(show.text, digest.delayed)))] if digest.delayed else []
    said += [UNCHOSEN] if any(item.candidate for item in digest.items) else []
    return said + ([UNREAD] if any(not item.verified for item in digest.items) else [])


def cells(item: Item) -> tuple[str, str, str, str, str]:
    """A case, what is to be done, and its dates: never a name, a payer's number or anybody's words."""
    what = f"{item.clock} {item.hour}".strip() + (" (?)" if item.candidate else "") + ("" if item.verified else " (!)")
    whose = f"; {item.owner or 'NOBODY'}'s" if item.because != "owner" else ""
    owed = f"; {item.owed_by} owes it" if item.owed_by not in ("us", "") else ""
    said = show.text(f"{what}{whose}{owed}")
    return (show.text(item.number), said, item.work_by.isoformat(), item.last_day.isoformat(), left(item))


def left(item: Item) -> str:
    """Days left in words."""
    if item.days_left == 0:
        return "today"
    return f"{show.count(abs(item.days_left), 'day')}{' over' if item.days_left < 0 else ''}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns of a row, what is to be done folded where it is long."""
    case, what, work_by, last_day, left_column = (max(len(COLUMNS[at]), *(len(row[at]) for row in rows)) for at in range(len(COLUMNS)))
    what = min(what, WIDTH - case - work_by - last_day - left_column - len(GAP) * (len(COLUMNS) - 1))
    for row in (COLUMNS, *rows):
        first, *more = _folded(row[1], what)
        yield GAP.join((row[0].ljust(case), first.ljust(what), row[2].ljust(work_by), row[3].ljust(last_day), row[4])).rstrip()
        yield from (f"{' ' * case}{GAP}{part}" for part in more)


def _folded(words: str, width: int) -> list[str]:
    """`words` in lines no wider than `width`, broken between words where there is a gap."""
    lines = [""]
    for word in words.split():
        while len(word) > width:
            lines.append(word[:width])
            word = word[width:]
        lines[-1:] = [f"{lines[-1]} {word}".strip()] if len(lines[-1]) + 1 + len(word) <= width else [lines[-1], word]
    return [line for line in lines if line] or [""]


def _wrapped(words: str) -> list[str]:
    return _folded(words, WIDTH)


def _encoding(content: str) -> str:
    """Plain ASCII goes as it is, so that the head line can be found in the raw message; anything else is encoded."""
    plain = content.isascii() and max(map(len, content.splitlines())) <= LONGEST_LINE
    return "7bit" if plain else "quoted-printable"
