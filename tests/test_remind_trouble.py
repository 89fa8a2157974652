"""The daily run in trouble: each bad thing is said clearly, nothing is lost, nothing is sent twice, and no patient is named anywhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from mailserver import FaultyServer, forever, server_context
from practice import Offices, denied
from test_bad_input import a_quiet_account, typed
from test_posting import configured
from test_privacy import DAY, HISTORY, leaks
from test_remind import day_of_run
from test_smtp import PASSWORD, USER, Server, pair

import cli
from appeals.mailterms import DROPPED, FAILED, SENDING, SENT, WAITING
from db import schema
from db.engine import best_driver

__all__ = ["a_quiet_account", "pair"]

ALL = (WAITING, SENDING, SENT, FAILED, DROPPED)
PEOPLE = (
    "2026-11-05 person ana --name 'Ana A.' --email ana@clinic.example --role biller",
    "2026-11-05 person lee --name 'Lee L.' --email lee@clinic.example --role manager",
)
ON = "2026-11-06"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def office(offices):
    return offices.after(*denied(), *PEOPLE)


@pytest.fixture
def to(tmp_path, monkeypatch):
    """Name the mail server at this port in config.toml."""
    return lambda port, more="": monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, port, more)))


def change(office, statement: str, *values: object) -> None:
    """Change the file behind the program's back."""
    with best_driver().connect(office.db) as file:
        file.execute(statement, values)


def statuses(office) -> list[str]:
    with office.store() as store:
        return [one.status for one in store.outbox(*ALL)]


# Bad input.


def test_without_mail_settings_the_run_tells_on_the_terminal_and_nothing_waits(office):
    answer = office.do(f"{ON} remind")
    assert "For ana" in answer.out
    assert statuses(office) == []


def test_a_refused_login_keeps_every_mail_and_the_right_one_sends_each_once(office, pair, tmp_path, monkeypatch):
    login = tmp_path / "login"
    login.touch(mode=0o600)
    login.write_text(f"{USER}\nwrong-password\n")
    with Server("starttls", server_context(*pair), wants_login=True) as running:
        config = configured(tmp_path, running.controller.port, f'login_file = "{login}"\nca_file = "{pair[0]}"\n')
        config.write_text(config.read_text().replace('"none"', '"starttls"'))
        monkeypatch.setenv("APPEALS_CONFIG", str(config))
        refused = office.say(f"{ON} remind")
        assert (refused.code, "refuses the login" in refused.out) == (4, True)
        assert "wrong-password" not in refused.out + refused.err
        assert "For ana" in refused.out, "what is due is said all the same"
        assert statuses(office) == [WAITING, WAITING]
        login.write_text(f"{USER}\n{PASSWORD}\n")
        assert "2 mails sent." in office.do("2026-11-06 remind").out
        assert sorted(envelope.rcpt_tos[0] for envelope in running.kept.envelopes) == ["ana@clinic.example", "lee@clinic.example"]
        assert office.do("2026-11-06 remind").code == 0
        assert len(running.kept.envelopes) == 2


def test_an_unknown_recipient_is_for_a_person_and_the_others_get_their_mail(office, to):
    with FaultyServer(forever(), refused={"ana@clinic.example"}) as running:
        to(running.port)
        answer = office.say(f"{ON} remind")
        assert (answer.code, answer.err) == (4, "")
        assert "1 mail sent, 1 refused." in answer.out
        assert "refused, for a person: mail to ana: 550 5.1.1 no such user here" in answer.out
        office.do(f"{ON} remind")
        assert (running.asked["ana@clinic.example"], running.asked["lee@clinic.example"]) == (1, 1)
        assert sorted(statuses(office)) == [FAILED, SENT]


@pytest.mark.parametrize("address", ["ana@clinic.example\nBcc: eve@evil.example", "ana@clinic.example\r\n", "\nana@clinic.example"])
def test_an_address_with_a_newline_is_refused_when_it_is_typed_and_reaches_no_server_when_it_was_not(office, to, address):
    before = office.everything()
    answer = typed("person", "ana", "--email", address, "--db", office.db)
    assert answer.code == 22
    assert "evil" not in answer.err
    assert office.everything() == before
    change(office, "UPDATE person SET email = ? WHERE account = 'ana'", address)
    with FaultyServer(forever()) as running:
        to(running.port)
        told = office.do(f"{ON} remind").out
        assert "no mail goes to ana: told here only" in told
        assert "For ana" in told
        assert [*running.asked] == ["lee@clinic.example"]
        assert "evil" not in told + running.got[0].raw.decode()


def test_a_clock_without_owner_or_manager_is_mailed_to_everybody_and_it_is_said(office, to):
    change(office, "UPDATE person SET role = 'biller'")
    change(office, "UPDATE \"case\" SET owner = ''")
    with FaultyServer(forever()) as running:
        to(running.port)
        answer = office.do(f"{ON} remind --json")
        assert {"ana@clinic.example", "lee@clinic.example"} == {*running.asked}
        assert all("A-000001" in got.message.get_body(("plain",)).get_content() for got in running.got)
    assert any("no manager is on record" in each for each in json.loads(answer.out)["warnings"])


def test_work_of_somebody_who_is_no_person_on_record_is_named_to_the_manager(office, to):
    change(office, "UPDATE \"case\" SET owner = 'left-in-may'")
    with FaultyServer(forever()) as running:
        to(running.port)
        answer = office.do(f"{ON} remind")
        assert "no mail goes to left-in-may" in answer.out
        told = {got.recipient: " ".join(got.message.get_body(("plain",)).get_content().split()) for got in running.got}
        assert "No mail goes to left-in-may, who has work" in told["lee@clinic.example"]
        assert "left-in-may" not in told["ana@clinic.example"]


def test_a_database_of_a_newer_version_is_refused_whole_and_nothing_is_sent(office, to):
    change(office, f"PRAGMA user_version = {schema.NUMBER + 1}")
    before = office.db.read_bytes()
    with FaultyServer(forever()) as running:
        to(running.port)
        for words in ("remind", "remind --dry-run", "remind --status", "outbox --send", "calendar --out ."):
            answer = office.say(f"{ON} {words}")
            assert (answer.code, answer.out) == (61, ""), words
            assert "A newer release wrote it" in answer.err
        assert running.faults.total() == 0
    assert office.db.read_bytes() == before


def test_a_clock_of_a_kind_this_version_does_not_know_is_told_like_any_other(office, to):
    change(office, "UPDATE clock SET kind = 'file_at_the_moon' WHERE kind = 'house_denied'")
    told = office.do(f"{ON} remind --json").data["reminders"]
    assert {row["kind"] for row in told} == {"file_at_the_moon"}
    assert "A-000001" in office.do(f"{ON} remind --again").out


@pytest.mark.parametrize("back", [timedelta(hours=3), timedelta(days=3)], ids=["hours", "days"])
def test_a_machine_whose_clock_is_behind_the_last_run_says_so_and_neither_loses_nor_repeats(tmp_path, monkeypatch, capsys, to, back):
    at = datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert day_of_run(tmp_path, monkeypatch, "America/New_York", f"{at:%Y-%m-%dT%H:%M}") == "2026-11-20"
    db = str(tmp_path / "far.db")

    def machine(now: datetime):
        class Machine(datetime):
            @classmethod
            def now(cls, tz=None):
                return now.astimezone(tz)

        monkeypatch.setattr(cli, "datetime", Machine)

    opened = "open --patient X --payer P --claim C-1 --billed 9 --owner ana --denied --notice 2026-11-02 --amount 9 --code CO-50"
    with FaultyServer(forever()) as running:
        to(running.port)
        machine(at)
        for words in ("person ana --name Ana --email ana@clinic.example", opened, "remind"):
            assert cli.run_command([*words.split(), "--db", db]) == 0
        assert len(running.got) == 1
        machine(at - back)
        capsys.readouterr()
        assert cli.run_command(["remind", "--db", db]) == 0
        told = capsys.readouterr().out
        assert "this machine's clock stands at" in told
        assert "before the last run" in told
        mails = len(running.got)
        assert mails == (1 if back < timedelta(days=1) else 2), "an earlier hour has nothing new, an earlier day has been said nothing yet"
        assert cli.run_command(["remind", "--db", db]) == 0
        assert (len(running.got), len(running.copies())) == (mails, mails), "said twice"
        machine(at + timedelta(days=1))
        capsys.readouterr()
        assert cli.run_command(["remind", "--db", db]) == 0
        assert "before the last run" not in capsys.readouterr().out


# Nobody's name, in anything a reminder says, writes or sends.


def test_no_value_of_any_patient_field_is_in_any_message_feed_file_log_line_or_error(offices, to, tmp_path):
    office = offices.after(*HISTORY, *(line.replace("2026-11-05", DAY) for line in PEOPLE))
    folder, shared, units = (tmp_path / name for name in ("digests", "shared", "units"))
    for each in (folder, shared, units):
        each.mkdir(mode=0o755)
    late, last = "2027-05-03", "2027-06-01"
    said: list[str] = []

    def say(turn: str) -> None:
        answer = office.say(turn)
        said.append(answer.out + answer.err)

    faults = chain(["cut_in", "451_end", "cut_after", "550_end", "421_greeting"], forever())
    with FaultyServer(faults, refused={"lee@clinic.example"}) as running:
        to(running.port)
        for day in (DAY, late, last):
            for more in ("--dry-run", f"--to-folder {folder}", "--again --json", "--status"):
                say(f"{day} remind {more}")
            say(f"{day} outbox --send --retry all")
            say(f"{day} outbox --sent --json")
        say(f"{last} outbox --drop all")
        for wrong in (
            "remind --to-folder /nowhere",
            "outbox --retry zzz",
            "calendar --out /nowhere",
            f"calendar --out {shared} --owner no",
        ):
            say(f"{last} {wrong}")
        for words in (f"calendar --out {shared}", f"remind install --cron --account a --calendar {shared}",
                      f"remind install --systemd --account a --write --folder {units}"):  # fmt: skip
            say(f"{last} {words}")
        change(office, "UPDATE outbox SET status = 'waiting', next_attempt_at = NULL WHERE status = 'sent'")
        to(9)
        say(f"{last} outbox --send")
        to(running.port, "colour = 1\n")
        say(f"{last} remind")
        change(office, f"PRAGMA user_version = {schema.NUMBER + 1}")
        say(f"{last} remind")
        change(office, f"PRAGMA user_version = {schema.NUMBER}")
    with office.store() as store:
        log = [stored.text for stored in store.events(kind="reminder")]
        bodies = [one.body + one.last_answer for one in store.outbox(*ALL)]
    files = [path.name + path.read_text("utf-8") for place in (folder, shared, units) for path in place.iterdir()]
    sent = [got.raw.decode() + str(got.message.get_body(("plain",)).get_content()) for got in running.got]
    everything = {"said": said, "sent": sent, "waiting": bodies, "files": files, "log": log}
    assert {name: [each for each in texts if leaks(each)] for name, texts in everything.items()} == {name: [] for name in everything}
    assert all(everything.values()), "nothing was looked at"
    assert any("A-000001" in each for each in sent)
    assert any("A-000001" in each for each in files if "VCALENDAR" in each)
