"""Fixtures every test file may use: how the tests start the program. They know no case, no payer and no rule."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast examples come out says how busy the machine is, and nothing about the program.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parents[1]
NOT_OURS = ("PYTHON", "APPEALS_", "LD_PRELOAD", "XDG_", "SUDO_", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM")


@pytest.fixture
def run(tmp_path):
    """Start `appeals ARGUMENTS` of this tree as a process of its own, in a home and an environment without history."""

    def start(*arguments, db=None, input=None, env=None, cwd=None, timeout=120):
        chosen = {"APPEALS_DB": str(db)} if db else {}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
        clean |= {"HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **chosen, **(env or {})}
        return subprocess.run(
            [sys.executable, "-m", "cli", *map(str, arguments)],
            input=input if input is not None else "",
            env=clean,
            cwd=cwd or tmp_path,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return start
