"""The rules of docs/architecture.md, read off the source text; each is shown to bite on a bad snippet."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appeals import errors

ROOT = Path(__file__).resolve().parents[1]
MODULE_LINES = 300
FUNCTION_LINES = 40
STORAGE = frozenset({"db", "sqlalchemy", "alembic", "sqlite3", "sqlcipher3", "psycopg"})
CLOCKS = frozenset({"now", "utcnow", "today", "time", "time_ns", "monotonic", "getenv", "localtime", "gmtime"})
IMPURE = frozenset({"random", "secrets"})
UNITS = frozenset({"days", "weeks", "months", "years", "hours"})

# Imports run down this ladder, or stay on a rung. A module of `appeals` that is not named stands on "domain".
LADDER = ("values", "counting", "domain", "services", "screens", "commands")
RUNG = {
    "values": ("model", "people", "record", "outbox", "errors", "ids"),
    "counting": ("counting", "holidays"),
    "services": ("services",),
    "screens": (
        "screens",
        "screen_case",
        "screen_codes",
        "screen_intake",
        "screen_mail",
        "screen_office",
        "screen_origin",
        "screen_papers",
        "screen_people",
        "screen_queue",
        "screen_resolve",
        "screen_schedule",
        "screen_tables",
        "screen_remind",
        "screen_rules",
        "screen_today",
        "screen_trail",
    ),
    "commands": ("commands",),
}


def sources() -> list[Path]:
    found = [ROOT / "cli.py", *(ROOT / "appeals").rglob("*.py"), *(ROOT / "db").rglob("*.py")]
    return sorted(path for path in found if path.exists())


def name_of(path: Path) -> str:
    """`appeals/intake/x12.py` -> `appeals.intake.x12`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.Module, module: str) -> Iterator[tuple[int, str]]:
    """Every name imported anywhere in the module, with its line; `from appeals import rules` is `appeals.rules`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            package = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{package}.{alias.name}") for alias in node.names)


def rung(name: str) -> int:
    parts = name.split(".")
    second = parts[1] if len(parts) > 1 else ""
    return LADDER.index(next((step for step, modules in RUNG.items() if second in modules), "domain"))


def import_violations(source: str, module: str) -> list[str]:
    """What the module imports although its place does not allow it."""
    top = module.split(".")[0]
    in_commands = module.startswith("appeals.commands")
    found = []
    for line, name in imports(ast.parse(source), module):
        root = name.split(".")[0]
        if top == "appeals" and (root in STORAGE or root == "cli"):
            found.append(f"{module}:{line} imports {name}: appeals knows no storage and no command line")
        if top == "appeals" and root == "click" and not in_commands:
            found.append(f"{module}:{line} imports click outside appeals.commands")
        if top == "db" and root in {"cli", "click"}:
            found.append(f"{module}:{line} imports {name}: db knows no command line")
        if top != "cli" and not in_commands and name.startswith("appeals.commands"):
            found.append(f"{module}:{line} imports {name}: only cli.py may")
        if top == root == "appeals" and rung(name) > rung(module):
            found.append(f"{module}:{line} imports {name}, which stands above it")
    return found


def impurity_violations(source: str, module: str) -> list[str]:
    """Clock, environment and randomness in `appeals`; they are arguments there."""
    if module == "appeals.ids":  # ids are random by nature; their clock is an argument
        return []
    found = []
    tree = ast.parse(source)
    for line, name in imports(tree, module):
        if name.split(".")[0] in IMPURE or name in {"os.environ", "os.getenv", "time.time", "uuid.uuid4", "uuid.uuid1"}:
            found.append(f"{module}:{line} imports {name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "environ":
            found.append(f"{module}:{node.lineno} reads the environment")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            owner = ast.unparse(node.func.value).rsplit(".", 1)[-1]
            if owner in {"datetime", "date", "time", "os"}:
                found.append(f"{module}:{node.lineno} calls {owner}.{node.func.attr}()")
    return found


def day_count_violations(source: str, module: str) -> list[str]:
    """Numbers of days written in Python. One day on or back is arithmetic; more is a legal or a house claim, and data."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in {"timedelta", "relativedelta"}:
            given = [(keyword.arg or "", keyword.value) for keyword in node.keywords] + [("days", value) for value in node.args[:1]]
            for unit, value in given:
                if unit in UNITS and isinstance(value, ast.Constant) and isinstance(value.value, int) and value.value > 1:
                    found.append(f"{module}:{node.lineno} counts {value.value} {unit}: put the number into a rule pack")
    return found


def length_violations(source: str, module: str) -> list[str]:
    """Modules and functions that have grown too long to be read in one go."""
    if module.startswith("db.migrations"):  # a migration spells out what it does and is never edited again
        return []
    lines = len(source.splitlines())
    found = [f"{module} has {lines} lines"] if lines >= MODULE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size >= FUNCTION_LINES:
                found.append(f"{module}:{node.lineno} {node.name}() has {size} lines")
    return found


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """One ring of modules that import each other, or nothing."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        ring = next((found for target in sorted(graph[name]) if (found := walk(target, [*path, name]))), [])
        done.add(name)
        return ring

    return next((ring for name in sorted(graph) if (ring := walk(name, []))), [])


@pytest.mark.parametrize("rule", [import_violations, length_violations])
def test_every_module_keeps_to_its_place_and_its_length(rule):
    assert [finding for path in sources() for finding in rule(path.read_text("utf-8"), name_of(path))] == []


def mapped(page: str) -> set[str]:
    """The modules a module map names: paths in backticks in the first column of its tables."""
    rows = (line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    return {path for cell in rows for path in re.findall(r"`([\w/]+\.py)`", cell)}


def test_the_module_map_names_every_module_and_no_other():
    tree = {path.relative_to(ROOT).as_posix() for path in sources() if path.name != "__init__.py" and "versions" not in path.parts}
    assert mapped((ROOT / "docs" / "architecture.md").read_text("utf-8")) == tree


def test_the_module_map_is_read_from_its_first_column():
    assert mapped("| `a/b.py`, `c.py` | like `d.py` |\n| module | `e.py` |") == {"a/b.py", "c.py"}


@pytest.mark.parametrize("rule", [impurity_violations, day_count_violations])
def test_the_domain_reads_no_clock_and_counts_no_days_of_its_own(rule):
    domain = [path for path in sources() if name_of(path).startswith("appeals")]
    assert [finding for path in domain for finding in rule(path.read_text("utf-8"), name_of(path))] == []


def test_no_modules_import_each_other_in_a_ring():
    names = {name_of(path) for path in sources()}
    graph = {}
    for path in sources():
        module = name_of(path)
        seen = {name for _, name in imports(ast.parse(path.read_text("utf-8")), module)}
        wanted = {name if name in names else name.rpartition(".")[0] for name in seen}
        graph[module] = (wanted & names) - {module, "appeals"}
    assert cycle(graph) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("appeals.rules", "import sqlalchemy as sa"),
        ("appeals.commands.steps", "from db.store import SqlStore"),
        ("appeals.commands.setup", "def upgrade():\n    from alembic import command"),
        ("appeals.show", "import click"),
        ("appeals.services.steps", "from appeals.commands import work"),
        ("appeals.rules", "from appeals.services import steps"),
        ("appeals.services.steps", "from appeals import screens"),
        ("appeals.counting", "from appeals import rules"),
        ("appeals.intake.x12", "from ..services import intake"),
        ("appeals.model", "from appeals.counting import add_days"),
        ("db.store", "import cli"),
        ("db.store", "from appeals.commands import work"),
    ],
)
def test_an_import_against_the_ladder_is_found(module, line):
    assert len(import_violations(line, module)) >= 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("cli", "from db.store import SqlStore\nfrom appeals.commands import work"),
        ("appeals.commands.steps", "import click\nfrom appeals.services import steps\nfrom appeals.commands import options"),
        ("appeals.services.steps", "from appeals import workflow\nfrom appeals.services.store import Store"),
        ("appeals.rules", "from appeals import counting, model"),
        ("db.store", "import sqlalchemy\nfrom appeals import audit, model"),
    ],
)
def test_an_import_down_the_ladder_is_allowed(module, line):
    assert import_violations(line, module) == []


@pytest.mark.parametrize(
    "line",
    [
        "import datetime\nx = datetime.datetime.now()",
        "from datetime import date\nx = date.today()",
        "import time\nx = time.time()",
        "from time import time",
        "import os\nx = os.environ['HOME']",
        "import os\nx = os.getenv('HOME')",
        "from os import environ",
        "import random",
        "from secrets import token_hex",
        "from uuid import uuid4",
    ],
)
def test_a_clock_an_environment_or_a_die_in_the_domain_is_found(line):
    assert len(impurity_violations(line, "appeals.rules")) >= 1


@pytest.mark.parametrize(
    "line", ["due = start + timedelta(days=180)", "due = start + timedelta(30)", "due = start + relativedelta(months=4)"]
)
def test_a_number_of_days_in_python_is_found(line):
    assert len(day_count_violations(line, "appeals.rules")) == 1


def test_the_next_day_and_a_number_from_a_pack_are_allowed():
    assert day_count_violations("a = d + timedelta(days=1)\nb = d + timedelta(days=rule.days)", "appeals.rules") == []


def test_long_modules_and_long_functions_are_found_but_not_in_migrations():
    long_function = "def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)
    assert len(length_violations("x = 1\n" * MODULE_LINES, "appeals.rules")) == 1
    assert len(length_violations(long_function, "appeals.rules")) == 1
    assert length_violations("x = 1\n" * (MODULE_LINES - 1), "appeals.rules") == []
    assert length_violations(long_function, "db.migrations.versions.0001_baseline") == []


def test_a_ring_of_imports_is_found():
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_the_page_of_exit_codes_has_a_row_for_every_expected_error():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", (ROOT / "docs" / "exit-codes.md").read_text("utf-8"), re.MULTILINE)
    assert {(int(code), name) for code, name in rows} == {(kind.exit_code, kind.name) for kind in errors.AppealsError.__subclasses__()}


# The audit hook sees every module at the moment it is first looked for, and the program may leave by os._exit.
WATCHED_START = """
import json, os, sys
heavy = set(json.loads(sys.argv.pop(1)))
def note(event, details):
    if event == "import" and details[0].split(".")[0] in heavy:
        os.write(2, f"LOADED {details[0]}\\n".encode())
sys.addaudithook(note)
"""


def loaded(heavy: tuple[str, ...], code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a new interpreter that writes LOADED lines to stderr for the heavy modules it imports."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "APPEALS_"))}
    return subprocess.run(
        [sys.executable, "-c", WATCHED_START + code, json.dumps(heavy), *arguments],
        env=clean | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


START = "import cli\nsys.argv[0] = 'appeals'\nsys.exit(cli.main())"
HEAVY = ("sqlalchemy", "alembic", "rich", "db", "transitions", "dateutil", "icalendar")


@pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("--version", 0), ("--no-such-option", 2), ("no-such-command", 2)])
def test_help_version_and_a_mistyped_command_load_nothing_heavy(argument, code):
    done = loaded(HEAVY, START, argument)
    assert done.returncode == code
    assert "LOADED" not in done.stderr


def test_a_heavy_import_at_start_would_be_seen():
    assert "LOADED sqlalchemy\n" in loaded(HEAVY, "import sqlalchemy").stderr
