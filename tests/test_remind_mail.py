"""The daily run with a mail server: what is told is written down first, goes out after that, and nothing of it twice."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from practice import Offices, denied
from test_bad_input import a_quiet_account
from test_posting import configured
from test_smtp import Server

from appeals import heads

__all__ = ["a_quiet_account"]

OFFICE = (
    *denied(),
    "2026-11-05 person ana --name 'Ana A.' --email ana@clinic.example --role biller",
    "2026-11-05 person lee --name 'Lee L.' --email lee@clinic.example --role manager",
    "2026-11-05 person bea --name 'Bea B.' --role biller",
)
DAY = "2026-11-06"


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
    assert "the address of ana is none" in printed
    assert "For ana" in printed
    assert "ana@clinic.example" not in {to[0] for to, _ in mails(server)}


def test_digests_go_into_a_folder_one_file_a_person(office, tmp_path):
    folder = tmp_path / "digests"
    folder.mkdir()
    office.do(f"{DAY} remind --to-folder {folder}")
    assert f"{DAY}-ana.txt" in {path.name for path in folder.iterdir()}
    assert "A-000001" in (folder / f"{DAY}-ana.txt").read_text()


def test_a_wrong_mail_setting_stops_the_run_before_anything_is_written(office, tmp_path, monkeypatch):
    config = tmp_path / "wrong.toml"
    config.write_text("[mail]\nhost = 5\n")
    config.chmod(0o600)
    monkeypatch.setenv("APPEALS_CONFIG", str(config))
    before = office.everything()
    assert office.say(f"{DAY} remind").code == 78
    assert office.everything() == before


def test_a_folder_that_is_none_is_refused_before_anything_counts_as_told(office, tmp_path):
    before = office.everything()
    assert office.say(f"{DAY} remind --to-folder {tmp_path}/none").code == 73
    assert office.everything() == before
