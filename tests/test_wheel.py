"""What staff install: the built wheel holds the whole program and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = (".py", ".toml", ".mako", ".ini", ".typ", ".txt", ".j2", ".css")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling", reason="hatchling is not installed: the wheel cannot be built without a second environment")
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    [path] = out.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def shipped_files() -> set[str]:
    found = [ROOT / "cli.py", *(ROOT / "appeals").rglob("*"), *(ROOT / "db").rglob("*")]
    return {path.relative_to(ROOT).as_posix() for path in found if path.is_file() and path.suffix in SHIPPED}


def test_the_wheel_holds_every_module_rule_pack_and_migration_of_the_tree(wheel):
    assert shipped_files() - set(wheel.namelist()) == set()


def test_the_wheel_names_what_it_could_not_run_without(wheel):
    names = set(wheel.namelist())
    assert {"cli.py", "appeals/commands/__init__.py", "db/migrations/env.py"} <= names
    assert any(name.startswith("appeals/rulepacks/") and name.endswith(".toml") for name in names)
    assert any(name.startswith("db/migrations/versions/0001") for name in names)


def test_the_wheel_holds_no_tests_no_documents_and_no_data(wheel):
    ours = [name for name in wheel.namelist() if ".dist-info/" not in name]
    assert [name for name in ours if name != "cli.py" and not name.startswith(("appeals/", "db/"))] == []
    assert [name for name in ours if Path(name).suffix not in SHIPPED and not name.endswith("py.typed")] == []


def test_the_wheel_installs_the_command_and_carries_its_licence(wheel):
    [entry_points] = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    assert "appeals = cli:main" in wheel.read(entry_points).decode()
    [licence] = [name for name in wheel.namelist() if name.endswith(".dist-info/licenses/LICENSE")]
    assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()


def test_the_unpacked_wheel_says_its_version_away_from_the_tree(wheel, tmp_path):
    wheel.extractall(tmp_path)
    [metadata] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    [version] = [line.removeprefix("Version: ") for line in wheel.read(metadata).decode().splitlines() if line.startswith("Version: ")]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {"PYTHONPATH": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-P", "-m", "cli", "--version"], cwd=tmp_path, env=clean, capture_output=True, text=True, timeout=60, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert version in said.stdout
