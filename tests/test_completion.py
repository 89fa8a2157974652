"""The shell completes what the office has: case numbers, steps, payers, accounts and every fixed word, and never a patient."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time

import pytest
from practice import Offices, denied, resolved
from test_bad_input import ROOT


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def offered(db, line, shell="bash"):
    """What the shell is offered for the last word of a line that is being typed."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_APPEALS_COMPLETE": f"{shell}_complete"}
    env = {**os.environ, **asked, "APPEALS_DB": str(db), "PYTHONPATH": str(ROOT)}
    answer = subprocess.run([sys.executable, "-m", "cli"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert answer.stderr == ""
    return answer.stdout


MORE = "2026-11-06 open --patient 'Sample, Sam' --payer 'Another Health' --claim C-2 --billed 80 --owner lee"


@pytest.mark.parametrize("typed_so_far", ["", "A-0000", "a-", "2"])
def test_case_numbers_are_offered_and_no_patient_with_them(offices, typed_so_far):
    found = offered(offices.after(*denied(), MORE).db, f"appeals show {typed_so_far}")
    assert "A-000002" in found
    assert ("A-000001" in found) == (typed_so_far != "2")
    assert not any(name in found for name in ("Example", "Erin", "Sample", "Sam", "M-1"))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("appeals review-", "review-eob"),
        ("appeals review-eob 1 --path ", "corrected_claim"),
        ("appeals mark 1 info-", "info-requested"),
        ("appeals queue --payer Inv", "Invented\\ Health"),
        ("appeals document add 1 x.pdf --kind lett", "letter_of_medical_necessity"),
        ("appeals file-appeal 1 --tr", "--track"),
        ("appeals remind in", "install"),
        ("appeals remind --st", "--status"),
        ("appeals remind --dry-run --to", "--to-folder"),
        ("appeals remind install --sys", "--systemd"),
    ],
)
def test_steps_marks_payers_kinds_and_options_are_offered(offices, line, word):
    assert word in offered(offices.after(*denied()).db, line)


def test_the_offices_own_accounts_are_offered(offices):
    office = offices.after(*resolved())
    with office.store() as store:
        [person] = store.people()
    assert person.account in offered(office.db, "appeals assign 1 ")


def test_without_a_database_nothing_is_offered_and_nothing_is_said(tmp_path):
    assert offered(tmp_path / "none.db", "appeals show ").strip() == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell):
    env = {**os.environ, "_APPEALS_COMPLETE": f"{shell}_source", "PYTHONPATH": str(ROOT)}
    answer = subprocess.run([sys.executable, "-m", "cli"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert "_APPEALS_COMPLETE" in answer.stdout


# What is typed before the tab key; the words the line then consists of.
PRESSED = [
    ("appeals review-", ["review-eob"]),
    ("appeals show A-0", ["show", "A-000001"]),
    ("appeals review-eob 1 --path corr", ["review-eob", "1", "--path", "corrected_claim"]),
    ("appeals mark 1 info-s", ["mark", "1", "info-supplied"]),
    ("appeals queue --payer Inv", ["queue", "--payer", "Invented Health"]),
    ("appeals queue --payer 'Invented H", ["queue", "--payer", "Invented Health"]),
    ("appeals queue --owner an", ["queue", "--owner", "ana"]),
    ("appeals file-appeal 1 --encl", ["file-appeal", "1", "--enclosed"]),
    ("appeals document add 1 paper", ["document", "add", "1", "paper.pdf"]),
    ("appeals intake era", ["intake", "era.835"]),
]
START = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
SWITCHED_ON = {
    "bash": """eval "$(_APPEALS_COMPLETE=bash_source appeals)"; bind 'set enable-bracketed-paste off'""",
    "zsh": """autoload -Uz compinit && compinit -D; eval "$(_APPEALS_COMPLETE=zsh_source appeals)"; unset zle_bracketed_paste""",
    "fish": "_APPEALS_COMPLETE=fish_source appeals | source",
}
TO_THE_BEGINNING = "\x01"


@pytest.fixture(scope="module")
def desk(offices, tmp_path_factory):
    """A folder with two files in it, and an environment in which `appeals` is a command and works on one office."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "paper.pdf").touch()
    (folder / "era.835").touch()
    program = folder / "bin" / "appeals"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m cli "$@"\n')
    program.chmod(0o755)
    office = offices.after(*denied(), "2026-11-06 person ana --name 'Ana Example'")
    path = f"{program.parent}:{os.environ.get('PATH', os.defpath)}"
    return folder, {"PATH": path, "HOME": str(folder), "TERM": "dumb", "PS1": "> ", "APPEALS_DB": str(office.db), "LC_ALL": "C.UTF-8"}


class Terminal:
    """A shell at a terminal of its own, as somebody who types sees it."""

    def __init__(self, command, folder, env):
        self.process, self.seen = None, ""
        ours, theirs = pty.openpty()
        self.ours = ours
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=env, start_new_session=True)
        os.close(theirs)

    def type(self, keys):
        os.write(self.ours, keys.encode())

    def wait(self, pattern, seconds=60):
        """What the terminal shows once it shows this; what came before is forgotten."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.seen, re.DOTALL)):
            ready, _, _ = select.select([self.ours], [], [], max(0, until - time.monotonic()))
            assert ready, f"after {seconds} seconds the terminal shows {self.seen!r}"
            self.seen += os.read(self.ours, 65_536).decode("utf-8", "replace")
        self.seen = self.seen[found.end() :]
        return found

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


@pytest.fixture(scope="module")
def terminals(desk):
    """Shells in which completion is switched on, started when first asked for."""
    running = {}

    def of(shell):
        if shutil.which(shell) is None:
            pytest.skip(f"{shell} is not installed here")
        if shell not in running:
            running[shell] = terminal = Terminal(START[shell], *desk)
            terminal.type(f"{SWITCHED_ON[shell]}; printf '%s-%s\\n' switched on\n")
            terminal.wait("switched-on")
        return running[shell]

    yield of
    for terminal in running.values():
        terminal.close()


@pytest.mark.parametrize(("line", "words"), PRESSED, ids=[line for line, _ in PRESSED])
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_tab_key_ends_a_word_so_that_the_shell_reads_it_as_one(terminals, shell, line, words):
    terminal = terminals(shell)
    terminal.type(f"{line}\t{TO_THE_BEGINNING}printf '[%s]' read: \n")
    told = "".join(rf"\[{re.escape(word)}\]" for word in ["appeals", *words])
    terminal.wait(rf"\[read:\]{told}")


@pytest.mark.parametrize(("line", "words"), PRESSED, ids=[line for line, _ in PRESSED])
def test_fish_offers_the_same_words(desk, line, words):
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed here")
    folder, env = desk
    asked = ["fish", "--no-config", "-c", f"{SWITCHED_ON['fish']}; complete -C $argv[1]", line]
    answer = subprocess.run(asked, env=env, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert words[-1] in [offer.split("\t")[0] for offer in answer.stdout.splitlines()]


def test_the_readme_says_how_each_shell_is_told():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [shell for shell in ("bash", "zsh", "fish") if f"_APPEALS_COMPLETE={shell}_source appeals" not in readme] == []
