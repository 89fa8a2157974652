"""The daily run with a mail server: what is told is written down first, goes out after that, and nothing of it twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from email import message_from_bytes, policy
from itertools import chain

import pytest
from mailserver import FaultyServer, forever
from practice import Offices, denied
from test_bad_input import ROOT, a_quiet_account
from test_posting import configured
from test_smtp import Server

from appeals import heads
from appeals.mailterms import DROPPED, FAILED, SENDING, SENT, WAITING

__all__ = ["a_quiet_account"]

OFFICE = (
    *denied(),
    "2026-11-05 person ana --name 'Ana A.' --email ana@clinic.example --role biller",
    "2026-11-05 person lee --name 'Lee L.' --email lee@clinic.example --role manager",
    "2026-11-05 person bea --name 'Bea B.' --role biller",
)
DAY = "2026-11-06"
STATUSES = (WAITING, SENDING, SENT, FAILED, DROPPED)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def office(offices):
    return offices.after(*OFFICE)


@pytest.fixture
def server(tmp_path, monkeypatch):
    with Server("none") as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.controller.port)))
        yield running.kept


def mails(kept):
    return [(envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)) for envelope in kept.envelopes]


def test_each_person_with_an_address_gets_one_mail_with_each_item_once(office, server):
    printed = office.do(f"{DAY} remind").out
    assert "2 mails sent." in printed
    sent = {to[0]: message for to, message in mails(server)}
    assert set(sent) == {"ana@clinic.example", "lee@clinic.example"}
    text = sent["ana@clinic.example"].get_body(("plain",)).get_content()
    told = [row["clock"] for row in office.do(f"{DAY} remind --again --json").data["reminders"] if row["to"] == "ana"]
    assert told
    assert text.count("A-000001") == len(told), "each item once"
    assert heads.found(text.encode())[0].log == office.do(f"{DAY} audit head --json").data["log"]
    for _to, message in mails(server):
        for patients in ("Example", "Erin", "M-1", "C-1"):
            assert patients not in message.as_string()
    assert {row["status"] for row in office.do(f"{DAY} outbox --sent --json").data["messages"]} == {"sent"}


def test_the_same_day_again_mails_nobody_and_says_so(office, server):
    office.do(f"{DAY} remind")
    before = len(server.envelopes)
    answer = office.do(f"{DAY} remind")
    assert "0 reminders: nothing new" in answer.out
    assert len(server.envelopes) == before


def test_a_rehearsal_mails_nobody_and_leaves_nothing_to_send(office, server):
    office.do(f"{DAY} remind --dry-run")
    assert server.envelopes == []
    assert office.do(f"{DAY} outbox --json").data["messages"] == []


def test_a_server_that_is_away_delays_the_mail_and_loses_none(office, tmp_path, monkeypatch):
    monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, 9)))
    answer = office.say(f"{DAY} remind")
    assert answer.code == 4
    assert "reminder" in answer.out
    assert len(office.do(f"{DAY} outbox --json").data["messages"]) == 2
    with Server("none") as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.controller.port)))
        assert "2 mails sent." in office.do(f"{DAY} remind").out
        assert len(running.kept.envelopes) == 2


def test_an_address_that_is_none_is_told_here_only(office, server):
    office.do("2026-11-05 person bea --email bea@clinic.example")
    with office.store() as store:
        store.database.write(lambda connection: connection.exec_driver_sql("UPDATE person SET email = 'no address' WHERE account = 'ana'"))
    printed = office.do(f"{DAY} remind").out
    assert "no mail goes to ana: told here only (`appeals person ana --email NAME@DOMAIN`)" in printed
    assert "For ana" in printed
    sent = {to[0]: message for to, message in mails(server)}
    assert "ana@clinic.example" not in sent
    told = {to: "No mail goes to ana, who has work" in message.get_body(("plain",)).get_content() for to, message in sent.items()}
    assert told == {"lee@clinic.example": True, "bea@clinic.example": False}, "a manager hears of it, and nobody else"
    office.do("2026-11-06 person ana --email ana@clinic.example")
    office.do(f"{DAY} remind")
    assert "ana@clinic.example" in {to[0] for to, _ in mails(server)}, "told on the terminal alone, it is mailed once there is an address"


def test_a_wrong_mail_setting_stops_the_run_before_anything_is_written(office, tmp_path, monkeypatch):
    config = tmp_path / "wrong.toml"
    config.write_text("[mail]\nhost = 5\n")
    config.chmod(0o600)
    monkeypatch.setenv("APPEALS_CONFIG", str(config))
    before = office.everything()
    assert office.say(f"{DAY} remind").code == 78
    assert office.everything() == before


def signs_of_life(kept) -> list[str]:
    return [to[0] for to, message in mails(kept) if message["Subject"].endswith("nothing due")]


def test_where_nothing_is_due_each_person_gets_a_sign_of_life_once_a_day(office, server):
    office.do("2026-11-05 person zoe --name Zoe --email zoe@clinic.example")
    idle = ["lee@clinic.example", "zoe@clinic.example"]
    for _ in range(2):
        office.do(f"{DAY} remind")
    assert sorted(signs_of_life(server)) == idle
    office.do("2026-11-07 remind")
    assert sorted(signs_of_life(server)[2:]) == ["ana@clinic.example", *idle]


def test_a_run_by_hand_without_mail_takes_neither_the_digest_nor_the_sign_of_life_from_anybody(office, server, tmp_path, monkeypatch):
    office.do("2026-11-05 person zoe --name Zoe --email zoe@clinic.example")
    with monkeypatch.context() as by_hand:
        by_hand.setenv("APPEALS_CONFIG", str(tmp_path / "none.toml"))
        assert "For ana" in office.do(f"{DAY} remind").out
    assert mails(server) == []
    office.do(f"{DAY} remind")
    assert {to[0] for to, _ in mails(server)} == {"ana@clinic.example", "lee@clinic.example", "zoe@clinic.example"}
    assert signs_of_life(server).count("zoe@clinic.example") == 1


def test_two_runs_at_once_mail_each_person_once_and_no_sign_of_life_to_who_has_work(office, tmp_path):
    office.do("2026-11-05 person zoe --name Zoe --email zoe@clinic.example")
    with Server("none") as running:
        env = {"PATH": os.defpath, "HOME": str(tmp_path), "APPEALS_CONFIG": str(configured(tmp_path, running.controller.port))}
        command = [sys.executable, "-m", "cli", "remind", "--json", "--db", str(office.db), "--as-of", DAY]
        started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) for _ in range(4)]
        said = [each.communicate(timeout=120) for each in started]
        assert [(each.returncode, err) for each, (_, err) in zip(started, said, strict=True)] == [(0, b"")] * 4
        assert sorted(to[0] for to, _ in mails(running.kept)) == sorted(row["recipient"] for row in outbox(office))
        assert len(outbox(office)) == len({row["recipient"] for row in outbox(office)}) == 3
        assert "ana@clinic.example" not in signs_of_life(running.kept)


def outbox(office) -> list[dict]:
    with office.store() as store:
        return [{"recipient": one.recipient, "status": one.status} for one in store.outbox(*STATUSES)]


def test_what_a_server_refused_is_said_by_every_run_and_to_the_manager_until_somebody_mends_it(office, tmp_path, monkeypatch):
    with FaultyServer(forever(), refused={"ana@clinic.example"}) as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.port)))
        first = office.say(f"{DAY} remind")
        assert (first.code, "refused, for a person: mail to ana: 550" in first.out) == (4, True)
        office.do("2026-11-06 person ana --email ana.a@clinic.example")
        second = office.do("2026-11-09 remind --json")
        assert any("a mail to ana was refused" in each for each in json.loads(second.out)["warnings"])
        [to_lee] = [got.message for got in running.got if got.recipient == "lee@clinic.example"][1:]
        assert "A mail server refused what was for ana" in " ".join(to_lee.get_body(("plain",)).get_content().split())
        assert running.asked["ana@clinic.example"] == 1, "never tried again by itself"
        office.do("2026-11-09 outbox --drop all")
        assert "refused" not in office.do("2026-11-10 remind").out


def closed_port(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, 9)))


def test_a_run_whose_mail_did_not_leave_is_an_alarm_once_it_has_waited_longer_than_the_pack_says(office, tmp_path, monkeypatch):
    closed_port(tmp_path, monkeypatch)
    assert office.say(f"{DAY} remind").code == 4
    assert [office.say(f"{DAY} {words}").code for words in ("remind --status", "outbox")] == [0, 0], "it may still go out"
    for words in ("remind --status", "outbox"):
        answer = office.say(f"2026-11-07 {words}")
        assert (answer.code, "2 mails have not left for more than 26 hours, to ana, lee" in answer.out) == (3, True), words
    stuck = office.say("2026-11-07 outbox --json").data
    assert stuck["stuck"] == [one["message_id"] for one in stuck["messages"]]
    assert office.say("2026-11-07 remind --status --json").data["status"]["stuck"] == stuck["stuck"]
    with Server("none") as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.controller.port)))
        assert office.do("2026-11-07 outbox --send").code == 0
    assert [office.say(f"2026-11-07 {words}").code for words in ("remind --status", "outbox")] == [0, 0]


def test_a_refused_mail_is_an_alarm_of_the_status_too(office, tmp_path, monkeypatch):
    with FaultyServer(forever(), refused={"ana@clinic.example"}) as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.port)))
        office.say(f"{DAY} remind")
        assert office.do(f"{DAY} remind --status").code == 0
        status = office.say("2026-11-07 remind --status")
        assert (status.code, "STUCK: 1 mail has not left for more than 26 hours, to ana" in status.out) == (3, True)


def test_mail_that_waits_while_the_settings_are_gone_is_named_by_the_run_and_was_not_sent(office, tmp_path, monkeypatch):
    closed_port(tmp_path, monkeypatch)
    office.say(f"{DAY} remind")
    monkeypatch.setenv("APPEALS_CONFIG", str(tmp_path / "none.toml"))
    answer = office.say("2026-11-09 remind")
    assert (answer.code, "2 mails wait and config.toml has no `[mail]`" in answer.out) == (4, True)
    assert any("no `[mail]`" in each for each in json.loads(office.say("2026-11-09 remind --json").out)["warnings"])
    rehearsal = office.do("2026-11-09 remind --dry-run")
    assert "2 mails wait" in rehearsal.out
    office.do("2026-11-09 outbox --drop all")
    assert "mails wait" not in office.do("2026-11-09 remind").out


def test_a_manager_is_told_whose_mail_has_waited_too_long(office, tmp_path, monkeypatch):
    puts_off = chain(["451_rcpt"], forever())  # ana's is the first
    with FaultyServer(puts_off) as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.port)))
        assert office.say(f"{DAY} remind").code == 4
        running.plan = forever("451_rcpt")
        first = json.loads(office.say(f"{DAY} remind --json").out)["warnings"]
        assert not any("has waited" in each for each in first)
        running.plan = forever()
        later = json.loads(office.say("2026-11-07 remind --json").out)["warnings"]
        assert any("a mail to ana has waited for longer than it may" in each for each in later)
        to_lee = [got.message for got in running.got if got.recipient == "lee@clinic.example"][-1]
        assert "Mail for ana has not left for too long" in " ".join(to_lee.get_body(("plain",)).get_content().split())
        told = [got.message.as_string() for got in running.got if got.recipient == "ana@clinic.example"]
        assert not any("has not left" in each for each in told)


def test_who_has_left_gets_no_mail_and_what_waited_for_them_is_given_up(office, tmp_path, monkeypatch):
    closed_port(tmp_path, monkeypatch)
    office.say(f"{DAY} remind")
    before = office.everything()
    assert "1 mail to ana given up" in office.do("2026-11-06 person ana --no-email --dry-run").out
    assert office.everything() == before
    answer = office.do("2026-11-06 person ana --no-email --json").data
    assert (answer["people"][0]["email"], answer["written"], answer["dropped"]) == ("", 1, 1)
    assert office.say("2026-11-06 person ana --no-email --email ana@clinic.example").code == 22
    with Server("none") as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.controller.port)))
        told = office.do("2026-11-09 remind").out
        sent = [to[0] for to, _ in mails(running.kept)]
    assert ("For ana" in told, "no mail goes to ana: told here only" in told) == (True, True)
    assert {*sent} == {"lee@clinic.example"}
    assert [entry["facts"]["email_changed"] for entry in trail(office, "person")][-1] is True
    assert [entry["facts"]["to"] for entry in trail(office, "dropped")] == ["ana"]
    office.check()


def trail(office, name: str) -> list[dict]:
    with office.store() as store:
        return [entry for stored in store.events() if (entry := json.loads(stored.text))["name"] == name]


def test_a_refused_sign_of_life_is_not_sent_again_until_the_address_changes(office, tmp_path, monkeypatch):
    office.do("2026-11-05 person zoe --name Zoe --email zoe@clinic.example")
    with FaultyServer(forever(), refused={"zoe@clinic.example"}) as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.port)))
        assert office.say(f"{DAY} remind").code == 4
        for day in ("2026-11-07", "2026-11-08"):
            assert "a mail to zoe was refused" in office.do(f"{day} remind").out
        assert running.asked["zoe@clinic.example"] == 1
        office.do("2026-11-09 person zoe --email z@clinic.example", "2026-11-09 remind")
        assert running.asked["z@clinic.example"] == 1


def test_the_digests_are_printed_before_the_mail_goes_out(office, server, monkeypatch):
    monkeypatch.setattr("appeals.commands.remind.mailed.sent", lambda _app: (_ for _ in ()).throw(RuntimeError("killed")))
    answer = office.say(f"{DAY} remind")
    assert (answer.code, "For ana" in answer.out) == (1, True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")  # noqa: PTH110 - a device
def test_a_run_whose_output_is_lost_names_the_command_that_tells_it_again_and_mails_all_the_same(office, server, tmp_path):
    env = {"PYTHONPATH": str(ROOT), "APPEALS_CONFIG": os.environ["APPEALS_CONFIG"], "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "cli", "remind", "--db", str(office.db), "--as-of", DAY]
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        ended = subprocess.run(command, env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (ended.returncode, "`appeals remind --again`" in ended.stderr, "Traceback" in ended.stderr) == (74, True, False)
    assert len(server.envelopes) == 2


def test_three_days_off_make_one_mail_a_person_with_each_item_once(office, server):
    office.do("2026-11-05 open --same-as 1 --claim C-2 --billed 9 --owner lee --denied --notice 2026-11-04 --amount 9 --code CO-50")
    office.do(f"{DAY} remind")
    before = len(mails(server))
    office.do("2026-11-10 remind")  # Saturday, Sunday and Monday it was off
    sent = mails(server)[before:]
    assert sorted(to[0] for to, _ in sent) == ["ana@clinic.example", "lee@clinic.example"]
    for _to, message in sent:
        rows = [line for line in message.get_body(("plain",)).get_content().splitlines() if line.startswith("A-0000")]
        assert rows
        assert len(rows) == len({*rows})
