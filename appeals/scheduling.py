"""What runs the daily run: lines for a crontab, or units for systemd, as text. It installs nothing and starts nothing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from appeals import filenames
from appeals.errors import ImpossibleValue, MissingFact

CRON, SYSTEMD = "cron", "systemd"
UNIT, BETWEEN_UNIT, MAIL_UNIT = "appeals-remind", "appeals-between", "appeals-outbox"
MAIL_MINUTES = 10  # a message put off for five minutes must not wait for the next day
BETWEEN = "15,45"  # minutes: a call that is agreed on in the morning for the afternoon must not wait for the next day either
LAST_HOUR = 23
LONGEST_RUN = "6h"  # some servers too slow for each message of a large office, and still over before the next day's run
ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
KINDS = ("service", "timer")
HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
OWN_FOLDERS = ("/tmp/", "/var/tmp/")  # noqa: S108 - PrivateTmp
NO_MAIL = "# config.toml has no [mail]: what is due is printed, and nobody is mailed. Once it has one, ask for this again."
SANDBOXED = (
    "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=read-only", "PrivateTmp=yes",
    "PrivateDevices=yes", "ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectControlGroups=yes", "RestrictNamespaces=yes",
    "RestrictSUIDSGID=yes", "RestrictRealtime=yes", "LockPersonality=yes", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "SystemCallArchitectures=native",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """How this program is installed and what it works on. `program` are the words that start it; paths are absolute.

    `owner` is the account whose the database is, "" where that is not known. `practice` is named in every command, since a second
    one may come.
    """

    program: tuple[str, ...]
    database: str
    config: str
    account: str
    practice: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The daily run of an installation: at which hour of which zone, and where calendar feeds go ("" for nowhere).

    `mails`: there are mail settings, so what a server put off is tried again in between.
    """

    installation: Installation
    hour: int
    minute: int
    zone: str
    calendar: str = ""
    mails: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """What the run must be told, since neither cron nor systemd reads anybody's profile."""
        known = {"APPEALS_DB": self.installation.database, "APPEALS_CONFIG": self.installation.config}
        return {name: value for name, value in known.items() if value}

    @property
    def reminds(self) -> tuple[str, ...]:
        return (*self.installation.program, "remind", *self._practice)

    @property
    def looks(self) -> tuple[str, ...]:
        """The command that tells during the day what cannot wait; nothing where the daily run is in the day's last hour."""
        return (*self.installation.program, "remind", "--between", *self._practice) if self.hour < LAST_HOUR else ()

    @property
    def writes_feeds(self) -> tuple[str, ...]:
        """The command that writes the feeds; nothing where none are wanted."""
        return (*self.installation.program, "calendar", "--out", self.calendar, *self._practice) if self.calendar else ()

    @property
    def sends(self) -> tuple[str, ...]:
        """The command that sends what waits; nothing where there is no mail."""
        return (*self.installation.program, "outbox", "--send", *self._practice) if self.mails else ()

    def called(self, what: str) -> str:
        """The name of a unit or a crontab: another one for each practice."""
        return "-".join(filter(None, (what, filenames.practice(self.installation.practice))))

    @property
    def _practice(self) -> tuple[str, ...]:
        return ("--practice", self.installation.practice) if self.installation.practice else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a schedule: what it is called where it belongs, and its text."""

    name: str
    text: str


def job(installation: Installation, at: str, zone: str, calendar: str = "", *, mails: bool = False) -> Job:
    """The daily run at `at` (07:00) on the wall clock of `zone`.

    Raises:
        ImpossibleValue: no such hour, an account no such file can name, or a path that no line can hold.
    """
    found = HOUR.fullmatch(at.strip())
    if found is None:
        raise ImpossibleValue(f"{at!r} is no time of day.", "Write it on 24 hours: 07:00.")
    if not ACCOUNT.fullmatch(installation.account):
        raise ImpossibleValue("The account that is to run it has no name that can be written down.", "Name one: --account appeals.")
    made = Job(installation=installation, hour=int(found[1]), minute=int(found[2]), zone=zone, calendar=calendar, mails=mails)
    for word in (*made.environment.values(), *made.reminds, *made.writes_feeds, *made.sends):
        if not word.isprintable() or r"\%" in word:  # cron would take the backslash off and the % for a line end
            raise ImpossibleValue(f"{word!r} cannot be written into a schedule.", "Move it to a path without such characters.")
    return made


def files(job: Job, way: str, *, for_a_folder: bool = False) -> tuple[File, ...]:
    """The files of one way, `cron` or `systemd`. A crontab in a folder of the system names the account on each line."""
    if way == CRON:
        return (File(name=job.called(UNIT), text=_text(_crontab(job, by_name=for_a_folder))),)
    if way == SYSTEMD:
        units = [
            (UNIT, _service(job), _timer(job)),
            *([(BETWEEN_UNIT, _looker(job), _between(job))] if job.looks else []),
            *([(MAIL_UNIT, _mailer(job), _often())] if job.mails else []),
        ]
        return tuple(
            File(name=f"{job.called(name)}.{kind}", text=_text(lines))
            for name, *both in units
            for kind, lines in zip(KINDS, both, strict=True)
        )
    raise MissingFact("Nobody said who is to start the daily run.", "Choose one: --cron or --systemd.")


def folder_of(way: str) -> str:
    """Where the system looks for such files."""
    return "/etc/cron.d" if way == CRON else "/etc/systemd/system"


def units(made: Sequence[File]) -> tuple[str, ...]:
    """The units somebody has to enable: the timers among the files."""
    return tuple(each.name for each in made if each.name.endswith(".timer"))


def _text(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _crontab(job: Job, *, by_name: bool) -> Iterator[str]:
    account = job.installation.account
    yield f"# The daily run of appeals at {job.hour:02}:{job.minute:02} {job.zone}."
    if not by_name:
        yield f"# For the end of the crontab of {account}: crontab -e -u {account}"
    yield "# cron does not catch up on an hour the machine was off; the @reboot lines do. Nothing is told twice, however often it runs."
    yield "# Only some crons obey CRON_TZ (cronie does, Debian's does not): where yours does not, the hour is one of the machine's zone."
    yield "# What a run prints cron mails to the account; it looks at no exit code. To somebody else, before the lines: MAILTO=..."
    again = f"# Every {MAIL_MINUTES} minutes what a mail server put off is tried again, silently; the daily run says what was refused."
    yield again if job.mails else NO_MAIL
    yield from _doubts(job)
    yield f"CRON_TZ={job.zone}"
    for command in filter(None, (job.reminds, job.writes_feeds)):
        line = _cron_line(job, command, by_name=by_name)
        yield f"{job.minute} {job.hour} * * * {line}"
        yield f"@reboot {line}"
    if job.looks:
        yield "# During the day what cannot wait for the next one: an hour, a last day. Without one it says nothing and writes nothing."
        yield f"{BETWEEN} {job.hour + 1}-{LAST_HOUR} * * * {_cron_line(job, job.looks, by_name=by_name)}"
    if job.sends:
        yield f"*/{MAIL_MINUTES} * * * * {_cron_line(job, job.sends, by_name=by_name)} >/dev/null 2>&1"


def _cron_line(job: Job, command: Sequence[str], *, by_name: bool) -> str:
    words = " ".join([*(f"{name}={shlex.quote(value)}" for name, value in job.environment.items()), *map(shlex.quote, command)])
    return (f"{job.installation.account} {words}" if by_name else words).replace("%", r"\%")  # a bare % is a line end to cron


def _service(job: Job) -> Iterator[str]:
    yield from _begun(job, "Daily run of appeals: who is to be reminded of what", job.reminds, job.calendar)
    if job.writes_feeds:
        yield f"ExecStopPost={_command(job.writes_feeds)}"  # also where a message could not be sent: the feeds are none the worse
    if not job.mails:
        yield NO_MAIL
    yield "# 3 is done, with findings. 4, some could not be sent, leaves the unit failed, and so does every error."
    yield "SuccessExitStatus=3"
    yield from _confined(job, job.calendar)


def _looker(job: Job) -> Iterator[str]:
    yield from _begun(job, "Between the daily runs of appeals: what cannot wait for the next one", job.looks)
    yield "SuccessExitStatus=3"
    yield from _confined(job)


def _mailer(job: Job) -> Iterator[str]:
    yield from _begun(job, "Mail of appeals that a server put off", job.sends)
    yield "# 4 and 75: what could not be sent now waits for its turn; the daily run fails where it still waits."
    yield "SuccessExitStatus=3 4 75"
    yield from _confined(job)


def _begun(job: Job, what: str, command: Sequence[str], calendar: str = "") -> Iterator[str]:
    yield from _doubts(job)
    yield from _out_of_sight(job, calendar)
    yield "[Unit]"
    yield f"Description={what}"
    yield "Wants=network-online.target"
    yield "After=network-online.target"
    yield f"RequiresMountsFor={_places(job, calendar)}"
    yield ""
    yield "[Service]"
    yield "Type=oneshot"
    yield f"User={job.installation.account}"
    for name, value in job.environment.items():
        yield f"Environment={_quoted(f'{name}={value}')}"
    yield f"ExecStart={_command(command)}"
    yield "# A run that hangs must end before the next day's. What it told is written down by then; mail that is left goes out later."
    yield f"TimeoutStartSec={LONGEST_RUN}"


def _doubts(job: Job) -> Iterator[str]:
    """What would make it fail, on lines of its own."""
    known = job.installation
    if known.owner and known.owner != known.account:
        yield f"# CAUTION: {known.database} belongs to {known.owner}; {known.account} cannot open it."


def _out_of_sight(job: Job, calendar: str) -> Iterator[str]:
    words = (*job.installation.program, *job.environment.values(), calendar)
    hidden = [word for word in words if word.startswith(OWN_FOLDERS)]
    yield from (f"# CAUTION: a unit has a /tmp of its own and does not find {word}." for word in hidden)


def _confined(job: Job, calendar: str = "") -> Iterator[str]:
    yield "UMask=0077"
    yield from SANDBOXED
    yield f"ReadWritePaths={_places(job, calendar)}"


def _places(job: Job, calendar: str) -> str:
    return " ".join(map(_quoted, (str(PurePath(job.installation.database).parent), *filter(None, [calendar]))))


def _often() -> Iterator[str]:
    return _started(f"Mail of appeals that a server put off, every {MAIL_MINUTES} minutes", f"*:0/{MAIL_MINUTES}")


def _between(job: Job) -> Iterator[str]:
    first = job.hour + 1
    when = f"*-*-* {first:02}..{LAST_HOUR}:{BETWEEN}:00 {job.zone}"
    return _started(f"Between the daily runs of appeals, from {first:02}:15 {job.zone}", when)


def _timer(job: Job) -> Iterator[str]:
    at = f"{job.hour:02}:{job.minute:02}"
    made_up = ("# A run that was missed is made up for as soon as the machine is on.", "Persistent=true", "RandomizedDelaySec=2min")
    return _started(f"Daily run of appeals at {at} {job.zone}", f"*-*-* {at}:00 {job.zone}", *made_up)


def _started(what: str, when: str, *more: str) -> Iterator[str]:
    """A timer: what it starts, in words, and when."""
    yield from ("[Unit]", f"Description={what}", "", "[Timer]", f"OnCalendar={when}", *more, "", "[Install]", "WantedBy=timers.target")


def _quoted(word: str) -> str:
    """A word of a unit: in quotes, where a backslash, a quote and a % would mean something."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _command(words: Sequence[str]) -> str:
    """A command of a unit; in its arguments, not in the program's name, a $ begins a variable."""
    program, *arguments = words
    if set(program) & set("\"'\\"):
        raise ImpossibleValue(f"systemd starts no program that is called {program!r}.", "Install it at another path, or use --cron.")
    return " ".join([_quoted(program), *(_quoted(word).replace("$", "$$") for word in arguments)])
