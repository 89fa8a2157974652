"""`--help` leaves nothing to guess: every option, argument and word has its meaning, and every example is a command line that works."""

from __future__ import annotations

import re
import shlex
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from practice import ENCLOSED, IN_STATE, WAYS, Offices, by_line, calling, denied, filed, opened, reviewed
from test_bad_input import a_quiet_account, typed
from test_json import leaves

from appeals.commands import STEP_HELP, meanings
from appeals.commands.explained import EXAMPLE, SHARED, argument_meaning, name_of, words_of
from appeals.commands.group import Commands
from appeals.commands.meanings import SAY_IT_THEMSELVES, WORDS
from appeals.commands.meanings_marks import MARKS as MARKS_IN_WORDS
from appeals.services.marks import MARKS

__all__ = ["a_quiet_account"]

EVERYWHERE = [(name, each) for name, each in leaves() if not isinstance(each, click.Group)]
NAMES = [name for name, _ in EVERYWHERE]
SMALL = {"a", "an", "the", "of", "our", "its", "their", "your", "is", "it", "s", "to", "in", "by", "for"}
WIDTH = 80


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def help_of(name: str) -> str:
    answer = typed(*name.split(), "--help")
    assert (answer.code, answer.err) == (0, "")
    return answer.out


def words_in(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.casefold())


def says_something(name: str, text: str) -> bool:
    """Whether a help text has three words or more, and one that the name itself has not."""
    return len(text.split()) >= 3 and not {*words_in(text)} <= {*words_in(name)} | SMALL


@pytest.mark.parametrize(("name", "text"), [("--amount", "The amount."), ("--network", "Network."), ("--text", "Free text.")])
def test_a_help_that_repeats_the_name_would_be_found(name, text):
    assert not says_something(name, text)


@pytest.mark.parametrize(("name", "command"), EVERYWHERE, ids=NAMES)
def test_every_option_says_more_than_its_name(name, command):
    options = [(each.opts[0], each.help or "") for each in command.params if isinstance(each, click.Option)]
    assert [(option, text) for option, text in options if not says_something(option, text)] == [], name


@pytest.mark.parametrize(("name", "command"), EVERYWHERE, ids=NAMES)
def test_every_argument_says_what_belongs_there(name, command):
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    assert [name_of(each) for each in arguments if not says_something(name_of(each), argument_meaning(name, each))] == []
    assert all(" ".join(argument_meaning(name, each).split()[:4]) in " ".join(help_of(name).split()) for each in arguments)


def closed_sets():
    """Every option or argument that takes one of a few words, with the command it is of."""
    return [(name, each) for name, command in EVERYWHERE for each in command.params if isinstance(each.type, click.Choice)]


@pytest.mark.parametrize(("name", "parameter"), closed_sets(), ids=[f"{name} {name_of(each)}" for name, each in closed_sets()])
def test_every_word_of_a_closed_set_has_its_meaning_in_the_help(name, parameter):
    wanted = {*parameter.type.choices} - SAY_IT_THEMSELVES
    known = words_of(name, parameter) or {}
    assert wanted - {*known} == set(), "no word in appeals/commands/meanings.py"
    shown = " ".join(help_of(name).split())
    assert [word for word in wanted if f"{word} {' '.join(known[word].split()[:3])}" not in shown] == []


def test_no_meaning_is_kept_for_a_word_nobody_can_type():
    taken = {key: set() for key in WORDS}
    for name, parameter in closed_sets():
        key = next((key for key in (f"{name} {name_of(parameter)}", name_of(parameter)) if key in WORDS), None)
        if key is not None:
            taken[key] |= {*parameter.type.choices}
    assert {key: {*WORDS[key]} - taken[key] for key in WORDS if {*WORDS[key]} - taken[key]} == {}


def test_no_meaning_is_kept_for_an_argument_nobody_has():
    keys = {key for name, command in EVERYWHERE for each in command.params for key in (name_of(each), f"{name} {name_of(each)}")}
    assert {*meanings.ARGUMENTS} - keys == set()


def test_every_mark_says_what_it_records_what_it_needs_and_what_it_does():
    assert [*MARKS_IN_WORDS] == [*MARKS]
    shown = " ".join(help_of("mark").split())
    options = {option for parameter in dict(EVERYWHERE)["mark"].params for option in parameter.opts}
    for name, told in MARKS_IN_WORDS.items():
        assert all(" ".join(part.split()[:4]) in shown for part in (told.records, told.effect)), name
        assert {option.split()[0] for option in (*told.needs, *told.may)} <= options, name


NEEDY = [name for name, told in MARKS_IN_WORDS.items() if told.needs]


@pytest.mark.parametrize("name", NEEDY)
def test_a_mark_without_what_its_help_says_it_needs_is_refused(offices, name):
    before = calling(denied()) if name == "peer-scheduled" else denied()
    assert offices.after(*before).say(f"2026-11-10 mark 1 {name}").code == 21


@pytest.mark.parametrize("name", [name for name in MARKS if name not in NEEDY])
def test_a_mark_that_needs_nothing_takes_nothing(offices, name):
    before = (*filed(), "2026-11-10 mark 1 recoupment-notice") if name == "recoupment-answered" else filed()
    assert offices.after(*before).say(f"2026-11-10 mark 1 {name}").code == 0


@pytest.mark.parametrize("name", ["", *[name for name, _ in leaves()]])
def test_help_fits_a_terminal_of_eighty_columns(name):
    assert [line for line in help_of(name).splitlines() if len(line) > WIDTH] == []


@pytest.mark.parametrize(("name", "command"), EVERYWHERE, ids=NAMES)
def test_what_every_command_takes_stands_apart_from_what_this_one_takes(name, command):
    own = [each.opts[0] for each in command.params if isinstance(each, click.Option) and not SHARED & {*each.opts} and not each.hidden]
    shown = help_of(name)
    assert ("\nOptions:\n" in shown) == bool(own)
    first = shown.split("\nShared options:\n")[0]
    assert [option for option in own if f"  {option}" not in first] == []
    assert not re.search(r"^  --(json|as-of|db|practice)\b", first, re.MULTILINE)


def examples(name: str) -> list[list[str]]:
    """The examples in the help of a command, as a shell would take them when they are copied."""
    shown = help_of(name).replace("\\\n", " ")
    return [shlex.split(line.split(EXAMPLE, 1)[1]) for line in shown.splitlines() if line.strip().startswith(EXAMPLE)]


@pytest.mark.parametrize("name", [name for name, _ in leaves()])
def test_every_example_is_a_command_line_the_program_takes(name):
    found = examples(name)
    assert found
    day = date(2026, 12, 28)
    app = SimpleNamespace(today=day, zone="America/New_York", database_exists=False, zone_or_none="America/New_York")
    for program, *words in found:
        assert program == "appeals"
        context = click.Context(click.Group("appeals"), info_name="appeals", obj=app)
        command: click.Command | None = Commands().get_command(context, words[0])
        while isinstance(command, click.Group):
            context, rest = command.make_context(words[0], words[1:], parent=context), words[1:]
            if not context._protected_args:
                break
            word, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            words = [word or "", *rest]
        assert command is not None
        command.make_context(words[0], words[1:], parent=context)


READY = {
    "withdraw": filed(),
    "approve": opened(kind="pre_service"),
    "peer-overturn": IN_STATE["peer_review"],
    "settle-line": by_line(denied()),
    "write-off": (*denied(), "2026-11-10 approve-write-off 1 --as ben"),
    "undo": denied(),
    "bill-patient": reviewed(path="patient_responsibility", code="PR-1"),
    "resubmit": reviewed(path="corrected_claim"),
    "bill-other-payer": reviewed(path="bill_other_payer"),
    "file-appeal": reviewed(),
}
ON = {"expire": "2027-06-15", "deem-exhausted": "2027-02-01", "forward": "2027-01-12"}


@pytest.mark.parametrize("name", STEP_HELP)
def test_the_example_of_a_step_takes_it_on_a_case_that_is_ready(offices, name):
    [[_, *words]] = examples(name)
    before = READY.get(name) or next(way.before for way in WAYS if way.step == name)
    day = ON.get(name, "2026-12-28")
    line = shlex.join(words).replace("A-12", "1")
    office = offices.after(*before)
    office.do(f"{day} {line}" + (f" {ENCLOSED}" if name == "file-appeal" else ""))
    assert office.events()[-1]["name"] == name


def test_every_meaning_is_kept_in_one_place():
    here = Path(meanings.__file__).parent
    assert sorted(path.name for path in here.glob("meanings*.py")) == ["meanings.py", "meanings_marks.py"]
