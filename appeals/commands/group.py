"""The group behind `appeals`: knows every command's name and help, imports a module only when its command runs."""

from __future__ import annotations

from importlib import import_module

import click

from appeals.commands import COMMANDS, EVERY_DAY, NOW_AND_THEN, STEP_HELP


class Commands(click.Group):
    """The table of commands: names and help without importing any, a module only when its command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module_name, attribute, _help, _group = COMMANDS[cmd_name]
        module = import_module(f"appeals.commands.{module_name}")
        found: click.Command = module.command(cmd_name) if cmd_name in STEP_HELP else getattr(module, attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for group in (EVERY_DAY, NOW_AND_THEN):
            with formatter.section(group):
                formatter.write_dl([(name, text) for name, (_m, _a, text, its) in COMMANDS.items() if its == group])
