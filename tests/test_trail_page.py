"""A copy of a trail as chromium prints and shows it: on Letter and A4, and as narrow as a telephone.

With `APPEALS_PICTURES=FOLDER` the pictures and papers stay there, for somebody to look at.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from copying import NAME, a_copy, events

from appeals import redaction, trail_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium was not found")]
SIZES = {"letter": (612, 792), "A4": (595, 842)}  # points
NARROW = 360  # CSS pixels
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 3
MEASURE = """
<script>
onload = () => {
  const page = document.querySelector("iframe").contentDocument, wide = [];
  for (const each of page.querySelectorAll("body *"))
    if (each.getBoundingClientRect().right > WIDTH + 0.5) wide.push(each.tagName + ":" + each.textContent.slice(0, 40));
  document.title = "measured " + page.documentElement.scrollWidth + " " + wide.join("|");
};
</script>
"""


@pytest.fixture
def folder(tmp_path, request):
    kept = os.environ.get("APPEALS_PICTURES")
    return Path(kept).resolve() if kept else tmp_path


def chromium(folder, *arguments):
    profile = f"--user-data-dir={folder / 'profile'}"
    quiet = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", profile)
    return subprocess.run([CHROMIUM, *quiet, *arguments], capture_output=True, text=True, timeout=120, check=True, cwd=folder).stdout


def pages():
    long = [one | {"reason": LONG, "actor": LONG} if one["name"] == "note" else one for one in events()]
    many = [events()[0], *(one for _ in range(40) for one in events()[1:6])]
    return {"plain": a_copy(), "long": a_copy(long, patient_name=LONG), "redacted": a_copy(redact=redaction.redacted), "many": a_copy(many)}


def printed(folder, name, copy, paper):
    from pypdf import PdfReader

    page = "".join(trail_html.page(copy)).replace("@page {", f"@page {{ size: {paper};")
    source, out = folder / f"{name}-{paper}.html", folder / f"{name}-{paper}.pdf"
    source.write_text(page, "utf-8")
    chromium(folder, "--no-pdf-header-footer", f"--print-to-pdf={out}", source.as_uri())
    return PdfReader(out)


def bare(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("paper", SIZES)
@pytest.mark.parametrize("name", ["plain", "long", "redacted", "many"])
def test_it_prints_on_paper_with_the_head_at_the_top_and_on_the_last_page(folder, name, paper):
    copy = pages()[name]
    pdf = printed(folder, name, copy, paper)
    told = [page.extract_text() for page in pdf.pages]
    assert tuple(round(float(side)) for side in pdf.pages[0].mediabox[2:]) == SIZES[paper]
    assert len(told) <= 3 + len(copy.entries) // 3, f"{len(told)} pages for {len(copy.entries)} entries"
    assert bare(copy.head) in bare(told[0])
    assert bare(copy.head) in bare(told[-1])
    assert bare(copy.statement) in bare(told[-1])
    whole = bare(" ".join(told))
    assert all(entry.leaf in whole for entry in copy.entries), "a leaf is cut off"
    first = NAME.split()[0].partition("-")[0]
    assert (first in whole) == (name != "redacted"), "the name stands in a redacted copy, or is missing from a whole one"
    assert min(len(text) for text in told) > 40, "a page is all but empty"


def test_a_heading_never_ends_a_page_and_the_header_of_a_table_is_said_again(folder):
    told = [page.extract_text().strip() for page in printed(folder, "many", pages()["many"], "letter").pages]
    proof = [text for text in told if re.search(r"^[0-9a-f]{60,}|\b[0-9a-f]{64}\b", text, re.MULTILINE) and "Leaf" in text]
    assert len(proof) > 1, "the table of leaves is not long enough to tell"
    for text, _following in pairwise(told):
        last = [line for line in text.splitlines() if not re.fullmatch(r"\d+ / \d+", line.strip())][-1]
        assert not re.match(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-\d\d-\d\d [A-Z]|Case |Not about|How to check|by ana", last), last


@pytest.mark.parametrize("name", ["plain", "long", "redacted"])
def test_nothing_is_wider_than_a_telephone(folder, name):
    inner = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", "".join(trail_html.page(pages()[name])))
    frame = f'<iframe width="{NARROW}" height="9000" style="border:0" srcdoc="{html.escape(inner)}"></iframe>'
    source = folder / f"{name}-narrow.html"
    source.write_text(f"<!doctype html><meta charset=utf-8><body style='margin:0'>{frame}{MEASURE.replace('WIDTH', str(NARROW))}", "utf-8")
    found = re.search("<title>measured (.*?)</title>", chromium(folder, "--dump-dom", source.as_uri()), re.DOTALL)
    width, _, wide = found[1].partition(" ")
    assert wide == ""
    assert int(width) <= NARROW
    chromium(folder, f"--window-size={NARROW + 200},5000", f"--screenshot={folder / f'{name}-narrow.png'}", source.as_uri())
    assert (folder / f"{name}-narrow.png").stat().st_size > 10_000


def test_the_page_as_it_is_handed_out_asks_for_nothing(folder):
    """With its own policy in force the page is shown whole and no request leaves: chromium has no network to ask."""
    source = folder / "plain.html"
    source.write_text("".join(trail_html.page(pages()["plain"])), "utf-8")
    log = folder / "net.json"
    chromium(folder, f"--log-net-log={log}", "--disable-background-networking", "--dump-dom", source.as_uri())
    asked = {url for url in re.findall(r'"url":"([^"]+)"', log.read_text("utf-8")) if "ecfr" in url or "example" in url}
    assert asked == set()
