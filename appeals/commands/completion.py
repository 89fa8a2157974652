"""What the shells are told when a key is pressed; imported for that alone. Zsh and fish quote for themselves, bash does not."""

from __future__ import annotations

import re

from click.shell_completion import BashComplete, CompletionItem, add_completion_class

MEANS_SOMETHING = re.compile(r"([^\w@%+=:,./~-])")


class QuotingBash(BashComplete):
    """Bash puts what it is given on the line as it is: a blank in a payer's name would end the word."""

    line = ""
    source_template = BashComplete.source_template.replace("read type", "read -r type")  # or bash would take the backslashes away

    def format_completion(self, item: CompletionItem) -> str:
        if item.type != "plain" or _in_quotes(self.line):
            return super().format_completion(item)
        quoted = MEANS_SOMETHING.sub(r"\\\1", item.value)
        return f"{item.type},{quoted}"


def _in_quotes(line: str) -> bool:
    """Whether a quote is open at the end of the line: bash keeps it, and closes it."""
    quote = ""
    for mark in re.findall(r"\\.|[\"']", line):
        if mark in (quote, "'", '"') and quote in ("", mark):
            quote = "" if quote else mark
    return bool(quote)


def register(line: str) -> None:
    """Let bash be told by the class above; `line` is what was typed so far."""
    QuotingBash.line = line
    add_completion_class(QuotingBash)
