"""How this program is installed on this machine, for whoever is to start it every day. It opens no database."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import user_config_path

from appeals.scheduling import Installation
from db.account import account


def installation(database: str, service_account: str, practice: str) -> Installation:
    """The command beside the interpreter that runs now, the files it works on, and the service's account, else the one that asks."""
    beside = Path(sys.executable).with_name("appeals")
    program = (str(beside),) if beside.exists() else (sys.executable, "-m", "cli")
    config = Path(os.environ.get("APPEALS_CONFIG") or user_config_path("appeals", appauthor=False) / "config.toml").absolute()
    return Installation(
        program=program,
        database=str(Path(database).absolute()),
        config=str(config) if config.exists() else "",
        account=service_account or account(os.geteuid()),
        practice=practice,
        owner=account(Path(database).stat().st_uid) if Path(database).exists() else "",
    )
