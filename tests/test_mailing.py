"""A digest as an e-mail: what stands in it, what never does, and that the same digest is the same message."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, message_from_string, policy
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import heads, mailing
from appeals.digest import BUCKETS, Item, PersonDigest
from appeals.errors import BadConfiguration, ImpossibleValue

DAY = date(2026, 12, 1)
AT = datetime(2026, 12, 1, 12, tzinfo=UTC)
HEAD = f"0198c0de-0000-7000-8000-000000000000 12 {'a' * 64} 2026-12-01T12:00:00.000000Z"
SETTINGS = mailing.Settings(sender="appeals@clinic.example", practice_id="p1")


def item(bucket: str = "today", days: int = 0, number: int = 1, **given) -> Item:
    by = DAY + timedelta(days)
    told = {"clock": "file internal appeal", "payer": "Invented Health", "owner": "ana"} | given
    return Item(
        clock_id=f"c{number}", number=f"A-{number:06d}", bucket=bucket, work_by=by, last_day=by + timedelta(3), days_left=days, **told
    )


def digest(*items: Item, **given) -> PersonDigest:
    who = {"practice": "Made-up Clinic", "account": "ana", "name": "Ana Reyes", "email": "ana@clinic.example", "head": HEAD} | given
    return PersonDigest(manager=False, on=DAY, items=items, **who)


FULL = digest(item("overdue", -4, 1), item("overdue", -1, 2), item("late", -1, 3), item("today", 0, 4), item("soon", 3, 5))


def parts(made) -> tuple[str, str]:
    """Text and page of a message as a mail program reads them."""
    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert read.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    plain, page = read.iter_parts()
    return plain.get_content(), page.get_content()


def message(of=FULL, settings=SETTINGS, at=AT):
    return mailing.message(of, settings, at=at)


@pytest.mark.parametrize(
    ("of", "subject"),
    [
        (FULL, "Appeals: 2 overdue, 1 late, 1 due today, 1 due soon"),
        (digest(item("overdue", -4), item("today", 0), item("today", 0), item("today", 0)), "Appeals: 1 overdue, 3 due today"),
        (digest(), "Appeals: nothing due"),
        (digest(item("soon", 2), sandbox=True), "SANDBOX Appeals: 1 due soon"),
        (digest(item("soon", 2), totals={"soon": 7, "overdue": 0}), "Appeals: 7 due soon"),
    ],
)
def test_the_subject_is_counts_and_nothing_else(of, subject):
    assert message(of)["Subject"] == subject


def test_the_headers_say_who_when_and_that_a_machine_wrote_it():
    made = message()
    assert (made["From"], made["To"], made["Auto-Submitted"]) == ("appeals@clinic.example", "ana@clinic.example", "auto-generated")
    assert made["Date"].datetime == AT
    assert made["Message-ID"].endswith("@appeals.clinic.example>")
    assert re.fullmatch(r"<[0-9a-f]{64}@appeals\.clinic\.example>", made["Message-ID"])


def test_both_parts_hold_every_case_its_dates_its_days_and_the_head():
    for text in parts(message()):
        for each in FULL.items:
            assert each.number in text
            assert each.work_by.isoformat() in text
            assert each.last_day.isoformat() in text
        assert "4 days over" in text
        assert "3 days" in text
        assert HEAD in text.splitlines(), "the head stands on a line of its own"


def test_the_head_line_is_found_in_the_message_as_it_is_stored():
    [head] = heads.found(message().as_bytes())
    assert heads.line(head) == HEAD


def test_what_ran_out_comes_with_what_follows_the_next_step_and_how_it_leaves_the_list():
    ours = item("overdue", -4, 1, consequence="the appeal is lost", standing=True)
    payers = item("overdue", -1, 2, clock="decide appeal", owed_by="payer", consequence="it counts as denied", next_step="go to court")
    running = item("late", -1, 3, consequence="must not be said", next_step="yet")
    for part in parts(message(digest(ours, payers, running))):
        said = " ".join(re.sub(r"<[^>]+>", " ", part).split())
        assert "A-000001: file internal appeal; the appeal is lost" in said
        assert "A-000001: stays here until somebody records the cause: `appeals expire A-000001 --cause ... --signed ...`" in said
        assert "A-000002: the payer let its time run out: decide appeal; it counts as denied; next: go to court" in said
        assert "must not be said" not in said
    assert max(map(len, mailing.text(replace(digest(ours, payers), head="")).splitlines())) <= 78


def test_another_address_of_the_same_person_makes_no_other_message():
    made = message().as_bytes(policy=policy.SMTP).decode("ascii")
    again = mailing.readdressed(made, "ana.reyes@clinic.example")
    assert again == made.replace("To: ana@clinic.example", "To: ana.reyes@clinic.example")
    long = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".example"
    there = message_from_string(mailing.readdressed(made, long), policy=policy.default)
    assert (there["To"], there["Message-ID"]) == (long, message()["Message-ID"])


def test_the_order_of_the_items_is_kept_within_their_bucket():
    text = mailing.text(FULL)
    assert [f"A-{n:06d}" for n in (1, 2, 3, 4, 5)] == re.findall(r"^(A-\d{6})  ", text, re.MULTILINE)


def test_the_sign_of_life_says_that_nothing_is_due():
    for text in parts(message(digest())):
        assert mailing.NOTHING in " ".join(text.split())


def test_marks_are_explained_only_where_they_stand():
    marked = mailing.text(digest(item(candidate=True), item(verified=False)))
    assert mailing.UNCHOSEN in marked
    assert mailing.UNREAD in marked
    assert "(?)" not in mailing.text(FULL)


def test_somebody_elses_work_names_its_owner_and_nobodys_says_so():
    text = " ".join(mailing.text(digest(item(because="backup", owner="ben"), item(because="manager", owner=""))).split())
    assert "ben's" in text
    assert "NOBODY's" in text


words = st.text(st.characters(codec="utf-8"), max_size=60)
items = st.builds(
    item, st.sampled_from(BUCKETS), st.integers(-4000, 4000), st.integers(0, 10**7), clock=words, hour=words, owner=words,
    because=st.sampled_from(["owner", "backup", "manager"]), candidate=st.booleans(), verified=st.booleans(),
)  # fmt: skip


@given(st.lists(items, max_size=5), words, words, st.booleans())
def test_no_line_is_wider_than_a_mail_program_shows_and_no_word_ends_a_header(some, practice, account, sandbox):
    of = digest(*some, practice=practice, account=account, sandbox=sandbox)
    made = message(of)
    assert {line for line in mailing.text(of).splitlines() if len(line) > 78} <= {HEAD}
    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert sorted(read.keys()) == sorted(["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"])
    assert max(map(len, made.as_bytes().splitlines())) <= 998
    assert made.as_bytes().isascii()
    parts(made)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_the_page_fetches_nothing_and_runs_nothing():
    hostile = '<script>x</script><img src="http://x/"> \' " &'
    _, page = parts(message(digest(item(clock=hostile, owner=hostile, because="backup"), practice=hostile, account=hostile)))
    tags = Tags()
    tags.feed(page)
    assert {tag for tag, _ in tags.seen} <= {"html", "head", "meta", "title", "body", "p", "h2", "table", "tr", "th", "td"}
    assert {name for _, attrs in tags.seen for name in attrs} <= {"lang", "charset", "style", "scope"}
    assert "url(" not in page


def test_the_same_digest_is_the_same_message_byte_for_byte():
    assert message().as_bytes() == message().as_bytes()
    assert message()["Message-ID"] == message(replace(FULL, head="", email="ana@new.example"), at=AT + timedelta(hours=5))["Message-ID"]


@pytest.mark.parametrize(
    ("of", "settings"),
    [
        (FULL, replace(SETTINGS, practice_id="p2")),
        (replace(FULL, account="ben"), SETTINGS),
        (replace(FULL, on=DAY + timedelta(1)), SETTINGS),
        (replace(FULL, items=FULL.items[1:]), SETTINGS),
        (digest(), SETTINGS),
    ],
)
def test_another_practice_person_day_or_content_is_another_message(of, settings):
    assert message(of, settings)["Message-ID"] != message()["Message-ID"]


WRONG = [
    "", "xyz", "ana@", "@clinic.example", "a b@clinic.example", "ana@clinic.example, ben@clinic.example", "<ana@clinic.example>",
    "ana@clinic.example\n", "ana@clinic.example\r\nBcc: eve@evil.example", "ana\x00@clinic.example", "änne@clinic.example",
    "ana@clinic..example", "ana@-clinic.example", '"ana"@clinic.example', f"{'a' * 65}@clinic.example", f"ana@{'a.' * 130}example",
]  # fmt: skip


@pytest.mark.parametrize("address", WRONG)
def test_a_wrong_address_is_an_error_that_names_the_person_and_not_the_address(address):
    with pytest.raises(mailing.BadAddress) as found:
        message(replace(FULL, email=address))
    assert isinstance(found.value, ImpossibleValue)
    assert "ana" in found.value.message
    assert not address or address not in found.value.message + found.value.hint
    with pytest.raises(BadConfiguration):
        message(settings=replace(SETTINGS, sender=address))


@pytest.mark.parametrize("address", ["ana@clinic.example", "a.b+c@x-y.example", "root@localhost"])
def test_a_plain_address_is_taken(address):
    assert message(replace(FULL, email=address))["To"] == address


def test_a_mail_holds_no_payer_no_account_number_and_no_words_of_the_case():
    canaries = {each.name: f"canary{each.name}" for each in fields(Item) if each.name in ("payer", "stage", "clock_id")}
    of = digest(replace(FULL.items[0], **canaries), name="canaryname")
    assert "canary" not in message(of).as_bytes().decode()


def test_a_message_lists_the_most_pressing_and_counts_them_all():
    many = digest(*(item("late", -1, number=n) for n in range(1, 4)), *(item("soon", 9, number=n) for n in range(4, mailing.LISTED + 30)))
    plain, page = parts(message(many))
    assert len(set(re.findall(r"A-\d{6}", plain))) == mailing.LISTED
    assert f"DUE SOON ({mailing.LISTED + 26}, the first {mailing.LISTED - 3} of them)" in plain
    assert "LATE: past the day to work it, the last day is still ahead (3)" in plain
    assert "29 more, the least pressing, stand in no line of this message" in " ".join(plain.split())
    assert "29 more, the least pressing" in page
    assert f"{mailing.LISTED + 26} due soon" in message(many)["Subject"]


def test_a_digest_that_differs_only_in_what_is_not_listed_is_another_message():
    first, second = (digest(*(item("soon", 9, number=n) for n in range(1, mailing.LISTED + more))) for more in (5, 6))
    assert message(first)["Message-ID"] != message(second)["Message-ID"]
