"""A copy of a trail as a page: well formed, silent, whole, and every word from outside escaped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from copying import NAME, NASTY, PRACTICE, a_copy, events
from hypothesis import given
from hypothesis import strategies as st
from test_bad_input import ROOT

from appeals import redaction, show, trail_html, trail_words, workflow
from appeals.services import marks
from appeals.trail_style import STYLE

GOLDEN = Path(__file__).with_name("golden") / "trail.html"
VOID = {"meta", "br", "hr", "img", "link", "input"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "article", "h1", "h2", "h3", "p", "dl", "dt", "dd",
    "bdi", "span", "strong", "time", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li", "code", "div",
}  # fmt: skip


class Read(HTMLParser):
    """The page as a reader's program takes it: its tags in balance, its text, its headings."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.text, self.headings, self.ids = [], [], "", [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        self.headings += [int(tag[1])] if re.fullmatch(r"h\d", tag) else []
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data if "style" not in self.open else ""


def page(copy=None):
    return "".join(trail_html.page(copy or a_copy()))


def test_the_page_is_the_one_that_was_looked_at():
    assert page().encode() == GOLDEN.read_bytes(), "look at the new one, then put it in its place"


def test_the_page_is_well_formed_and_has_no_tag_that_does_anything():
    read = Read(page())
    assert {tag for tag, _ in read.tags} <= TAGS
    body = page().partition("<body>")[2].partition("</body>")[0]
    ET.fromstring(f"<body>{body}</body>")  # noqa: S314  # our own text


def test_nothing_is_fetched_and_nothing_runs():
    read = Read(page())
    attributes = {name for _, attrs in read.tags for name in attrs}
    assert attributes <= {"lang", "charset", "http-equiv", "content", "name", "class", "id", "datetime", "scope"}
    policy = {attrs["content"] for tag, attrs in read.tags if attrs.get("http-equiv") == "Content-Security-Policy"}
    assert policy == {"default-src 'none'; style-src 'unsafe-inline'"}
    assert not re.search(r"url\(|@import|expression|://", STYLE)


def test_the_language_and_the_encoding_are_said_first():
    read = Read(page())
    assert read.tags[0] == ("html", {"lang": "en"})
    assert page().index('<meta charset="utf-8">') < 100


def test_headings_go_down_one_at_a_time_and_every_table_says_what_its_headers_head():
    read = Read(page())
    assert read.headings.count(1) == 1
    assert all(deeper - higher <= 1 for higher, deeper in zip(read.headings, read.headings[1:], strict=False))
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in read.tags if tag == "th")
    assert sum(tag == "table" for tag, _ in read.tags) == sum(tag == "caption" for tag, _ in read.tags)


def test_every_entry_is_there_once_with_its_leaf_and_the_number_of_its_hashes():
    copy = a_copy()
    read = Read(page(copy))
    assert sorted(read.ids) == sorted(f"e{entry.seq}" for entry in copy.entries)
    for entry in copy.entries:
        assert read.text.count(entry.leaf) == 1
        assert re.search(rf'<th scope="row">{entry.seq}</th>.*{entry.leaf}.*<td class="number">{len(entry.proof)}</td>', page(copy))


def test_the_head_stands_at_the_top_and_last():
    copy = a_copy()
    text = Read(page(copy)).text
    assert text.count(copy.head) == 2
    assert text.rstrip().endswith(copy.head)
    assert copy.statement in text


def test_the_heading_says_whose_it_is_what_for_and_who_wrote_it():
    text = Read(page(a_copy(case_number="A-000001"))).text
    for said in (PRACTICE.name, NAME, "the patient asked for it", "Ana-Sofía, by post", "Thu 2026-12-24", "case A-000001 only", "SANDBOX"):
        assert said in text


def test_what_was_typed_is_text_and_nothing_else():
    found = page()
    assert "<script" not in found
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &quot;quoted&quot; &amp; " in found
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", found)
    assert "\\u202egnitirw\\u202c" in found
    assert f"<bdi>{trail_html._text(NASTY)}</bdi>" in found


@given(st.text(max_size=60))
def test_no_text_breaks_out_of_its_place(typed):
    told = [one | {"actor": typed, "acting_for": typed, "reason": typed, "facts": {typed: typed}} for one in events()[2:3]]
    given_out = {"purpose": typed, "recipient": typed, "patient_name": typed, "statement": typed, "head": typed}
    read = Read(page(a_copy(told, **given_out)))
    assert {tag for tag, _ in read.tags} <= TAGS
    assert show.text(typed) in read.text


def test_a_clock_says_its_date_its_arithmetic_its_citation_and_its_doubts():
    text = Read(page()).text
    assert "due Mon 2027-05-03, work by Mon 2027-04-26" in text
    assert "+ 180 calendar days, that day not counted = Mon 2027-05-03" in text
    assert "29 CFR 2560.503-1(h)(3)(i)" in text
    assert "UNVERIFIED" in text
    assert "CANDIDATE" in text
    assert "due Thu 2026-11-12 15:00 EST" in text
    assert "met on 2026-11-09; it was due Mon 2027-05-03" in text
    assert text.count("+ 180 calendar days") == 1, "what an entry before has explained is not told again"
    assert "counted as in entry 2" in text


def test_money_is_said_in_dollars_and_changes_before_and_after():
    found = page()
    assert '<tr><th scope="row">in dispute</th><td><bdi>$0.00</bdi></td><td><bdi>$1,200.00</bdi></td></tr>' in found
    assert '<tr><th scope="row">filing: won</th><td><bdi>$0.00</bdi></td><td><bdi>$450.00</bdi></td></tr>' in found
    assert "120000" not in found


def test_a_paper_stands_there_with_its_hash():
    text = Read(page()).text
    assert f"EOB, SHA-256 {'cd' * 32}" in text
    assert f"remittance file, SHA-256 {'ef' * 32}" in text


def test_cases_stand_apart_and_what_is_about_no_case_comes_after_them():
    text = Read(page()).text
    places = [text.index(each) for each in ("Case A-000001", "Case A-000002", "Not about one case", "How to check this copy")]
    assert places == sorted(places)
    assert text.index("found by name or member id") > places[2]


def test_a_redacted_page_says_what_was_left_out_and_names_nobody():
    left = [one for one in events() if one["kind"] != "export"]
    text = Read(page(a_copy(left, redact=redaction.redacted))).text
    assert "Redacted copy." in text
    assert redaction.LEFT_OUT in text
    assert "Wolfe" not in text
    assert "alert" not in text
    assert "C-77" not in text
    assert "due Mon 2027-05-03" in text


def test_a_copy_that_is_neither_redacted_nor_of_a_sandbox_claims_neither():
    real = PRACTICE.__class__(**{name: getattr(PRACTICE, name) for name in PRACTICE.__dataclass_fields__} | {"sandbox": False})
    text = Read(page(a_copy(practice=real))).text
    assert "SANDBOX" not in text
    assert "Redacted" not in text
    assert "redacted copy" not in text


def test_a_page_of_many_entries_comes_in_pieces():
    pieces = trail_html.page(a_copy([{"kind": "read", "name": "show", "case": "case-1"}] * 300))
    assert max(len(piece) for piece in pieces) < 10_000


WRITTEN = re.compile(r'"(setup|step|mark|correction|import|reminder)",\s*\n?\s*"([a-z][a-z-]+)"')
READ = re.compile(r'record_reads\(.*?"([a-z -]+)", run')


def test_every_step_and_mark_and_whatever_else_is_written_has_words():
    wanted = {f"step {name}" for name in (*workflow.NAMES, "open", "undo")} | {f"mark {name}" for name in marks.MARKS}
    sources = [path.read_text("utf-8") for path in (ROOT / "appeals" / "services").glob("*.py")]
    wanted |= {f"{kind} {name}" for source in sources for kind, name in WRITTEN.findall(source)}
    wanted |= {f"read {name}" for source in sources for name in READ.findall(source)}
    wanted |= {"export audit export", "correction patient-merged", "import proposal-taken", "import proposal-refused", "setup own-numbers"}
    assert {"setup init", "reminder reminded", "read document-get", "import remittance"} <= wanted
    assert wanted - trail_words.HAPPENED.keys() == set()
    assert trail_words.HAPPENED.keys() - wanted == set()


@pytest.mark.parametrize(
    ("name", "held", "said"),
    [
        ("amount", 5, "$0.05"), ("won_cents", -100, "-$1.00"), ("pages", 14, "14"), ("expedited", True, "yes"),
        ("state", "eob_reviewed", "EOB reviewed"), ("text", "the_eob came", "the_eob came"), ("owner", "ana_b", "ana_b"),
        ("codes", [["CO", "50", "N115", 100]], "CO-50/N115 $1.00"), ("settled", [[2, None], [3, 50]], "line 2; line 3 $0.50"),
        ("enclosed", ["records", "decision"], "records; decision"), ("what", "", "nothing"), ("claim", "C_1", "C_1"),
        ("codes", "[withheld]", "[withheld]"), ("to", "ana", "ana"),
    ],
)  # fmt: skip
def test_what_is_held_is_said_for_people(name, held, said):
    assert trail_words.value(name, held) == said
