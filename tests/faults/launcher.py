"""Starts the program by fork, its imports done, so that hundreds of kills take a minute; each fork is a whole process and dies alone.

Reads one job a line (JSON: arguments, environment) and answers one line (JSON: code, as `subprocess` gives it, and what was said).
Runs under the injector: each child makes it read its FAULT_ settings anew, and the parent has none.
"""

from __future__ import annotations

import ctypes
import json
import os
import pkgutil
import sys
import tempfile
from importlib import import_module
from typing import Any, NoReturn

from appeals import codes, law


def import_everything() -> None:
    """All modules of the program but the migrations, which are read by Alembic."""
    for top in ("appeals", "db"):
        for found in pkgutil.walk_packages(import_module(top).__path__, f"{top}."):
            if not found.name.startswith("db.migrations"):
                import_module(found.name)


def read_rule_packs() -> None:
    """They are cached for the life of a process, and every child is born with them."""
    law.everything()
    codes.load()


def become_the_program(job: dict[str, Any], output: int) -> NoReturn:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the program's own input, until it ends
    sys.argv = ["appeals", *job["arguments"]]
    os.environ.update(job["environment"])
    if "LD_PRELOAD" in os.environ:
        ctypes.CDLL(os.environ["LD_PRELOAD"]).read_environment()
    import cli

    cli.main()
    sys.exit(0)


def main() -> None:
    import_everything()
    read_rule_packs()
    for line in sys.stdin:
        with tempfile.TemporaryFile() as output:
            child = os.fork()
            if child == 0:
                become_the_program(json.loads(line), output.fileno())
            _, status = os.waitpid(child, 0)
            output.seek(0)
            said = output.read().decode("utf-8", "replace")
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "said": said}), flush=True)  # noqa: T201 - the answer


main()
