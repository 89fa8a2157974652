"""The tours in README.md and docs/tour.md: every command run as printed, every line compared. UPDATE_DOCS=1 writes what they print now."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOURS = ("README.md", "docs/tour.md")
BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.DOTALL)
# Ids, hashes and instants are other ones each time.
OTHERS = re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z)")


def commands(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def masked(block: str) -> str:
    return OTHERS.sub("...", block)


def printed(block: str, folder: Path, environment: dict[str, str]) -> str:
    """The block as it comes out now; `export` lasts until the end of the tour."""
    lines = []
    for command in commands(block):
        lines.append(f"$ {command}")
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            environment[name] = value
            continue
        ran = subprocess.run(
            ["bash", "-c", f"exec 2>&1; {command}"], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        lines += ran.stdout.splitlines()
    return "\n".join(lines) + "\n"


@pytest.fixture
def environment(tmp_path):
    inherited = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "PATH")}
    inherited["PATH"] = f"{Path(sys.executable).parent}:{inherited['PATH']}"
    return inherited | {"APPEALS_CONFIG": str(tmp_path / "none.toml")}


@pytest.mark.parametrize("tour", TOURS)
def test_a_tour_prints_what_its_page_says(tour, tmp_path, environment):
    page = ROOT / tour
    text = page.read_text("utf-8")
    blocks = [found.group(1) for found in BLOCK.finditer(text)]
    assert sum(len(commands(block)) for block in blocks) >= 10
    now = [printed(block, tmp_path, environment) for block in blocks]
    if os.environ.get("UPDATE_DOCS"):
        renewed = iter([new if masked(new) != masked(old) else old for new, old in zip(now, blocks, strict=True)])
        page.write_text(BLOCK.sub(lambda _: next(renewed), text), "utf-8")
    assert [masked(block) for block in now] == [masked(block) for block in blocks]
