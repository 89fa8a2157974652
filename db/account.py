"""Which account runs the command, and its `config.toml`: where the database is, and the mail server. It opens no database."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any

import tomli
from platformdirs import user_config_path

from appeals.errors import BadConfiguration


def actor(service_account: str) -> str:
    """The account the operating system vouches for; SUDO_UID counts only under the configured service account."""
    uid = os.geteuid()
    name = account(uid)
    sudo = os.environ.get("SUDO_UID", "")
    if service_account and name == service_account and sudo.isdigit():
        return account(int(sudo))
    return account(os.getuid())


def account(uid: int) -> str:
    """The login of a user id, or `uid:N` where the system knows none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"


def configuration() -> dict[str, Any]:
    """`config.toml` of this account: where the database is, which account is the service's, and `[mail]` as it stands there.

    Raises:
        BadConfiguration: it cannot be read, is not TOML, or has a key nobody knows.
    """
    path = Path(os.environ.get("APPEALS_CONFIG") or user_config_path("appeals", appauthor=False) / "config.toml")
    try:
        found = tomli.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise BadConfiguration(f"{path} cannot be read: {type(error).__name__}.", "Mend it, or move it away.") from error
    unknown = sorted(set(found) - {"db", "service_account", "mail"})
    wrong = sorted(name for name, value in found.items() if not isinstance(value, dict if name == "mail" else str))
    if "mail" in wrong:
        raise BadConfiguration(f"{path}: mail is no table.", "Write [mail], and below it its keys.")
    if wrong:
        raise BadConfiguration(f"{path}: {wrong[0]} is not a text.", f'Write {wrong[0]} = "...".')
    if unknown:
        raise BadConfiguration(f"{path} has a key nobody knows: {unknown[0]}.", "Known keys: db, service_account, [mail].")
    return found
