"""The outbox against mail servers that fail in every way: nothing lost, at most one more copy a fault, none without one."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import pytest
from mailserver import AFTER, BEFORE, HARMLESS, HOST, FaultyServer, forever
from practice import Office, Offices, denied
from test_bad_input import ROOT, a_quiet_account
from test_mailing import DAY, digest, item

from appeals import mailing
from appeals.commands.smtp import MailSettings, Smtp
from appeals.errors import BadConfiguration, ImpossibleValue, NotFound, StaleCase
from appeals.ids import Ids
from appeals.mailterms import FAILED, SENDING, SENT, WAITING, terms
from appeals.record import Change, Run
from appeals.services import posting, writing
from appeals.services.doctor import doctor
from appeals.services.posting import Answer, Unreachable, outbox_row, post, retry
from db.engine import best_driver

__all__ = ["a_quiet_account"]

MANY = 200
START = datetime(2026, 12, 1, 12, tzinfo=UTC)
SENDER = "appeals@clinic.example"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@dataclass
class Time:
    """A clock that the test moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **by) -> None:
        self.now += timedelta(**by)


@dataclass
class Desk:
    """An office with mail in its outbox, and a clock."""

    office: Office
    time: Time = field(default_factory=Time)

    def run(self, store, **given) -> Run:
        ids = Ids(clock=lambda: datetime.now(UTC))
        told = {"request_id": ids.new_id(), "new_id": ids.new_id, "new_nonce": ids.new_nonce} | given
        return Run(practice=store.practice, recorded_at=self.time(), on=date(2026, 12, 1), actor="ana", **told)

    def fill(self, number: int = 1, address: str = "{}@clinic.example", days: int = 0) -> list[str]:
        """Put a message for each of `number` people into the outbox, as the daily run does; their Message-IDs."""
        with self.office.store() as store:
            run = self.run(store)
            settings = mailing.Settings(sender=SENDER, practice_id=store.practice.id)
            rows = []
            for at in range(number):
                one = digest(item(number=at), account=f"p{at}", email=address.format(f"p{at}"), head="")
                one = replace(one, on=DAY + timedelta(days))
                rows.append(outbox_row(run, one, mailing.message(one, settings, at=START)))
            entry = writing.event(run, "reminder", "remind", facts={"reminders": number})
            store.apply([Change(event=entry, puts=tuple(rows))], request_id=run.request_id)
        return [row.message_id for row in rows]

    def post(self, transport, **given):
        with self.office.store() as store:
            return post(store, self.run(store, **given), transport, now=self.time)

    def rows(self) -> dict[str, str]:
        """Message-ID -> status."""
        with self.office.store() as store:
            return {one.message_id: one.status for one in store.outbox(WAITING, SENDING, SENT, FAILED)}

    def entries(self, name: str) -> list[dict]:
        with self.office.store() as store:
            return [entry for stored in store.events() if (entry := json.loads(stored.text))["name"] == name]

    def until_nothing_waits(self, transport, rounds: int = 60):
        """Run after run, hours apart, as cron does."""
        for _ in range(rounds):
            if not {WAITING, SENDING} & {*self.rows().values()}:
                return
            self.post(transport)
            self.time.pass_(hours=5)
        raise AssertionError(f"after {rounds} runs there still waits something")


@pytest.fixture
def desk(offices):
    return Desk(offices.after())


def smtp(server, timeout: float = 20) -> Smtp:
    return Smtp(MailSettings(host=HOST, sender=SENDER, tls="none", port=server.port, timeout=timeout))


class Answers:
    """A transport that answers as told, and counts."""

    def __init__(self, *answers):
        self.answers, self.asked = iter(answers), []

    def deliver(self, recipient, body):
        self.asked.append(recipient)
        answer = next(self.answers)
        if isinstance(answer, BaseException):
            raise answer
        return answer


TAKEN = Answer(outcome=SENT, code=250)
LATER = Answer(outcome=WAITING, code=451, words="451 later")
NEVER = Answer(outcome=FAILED, code=550, words="550 no such user")


# What must hold, with a real server.


@pytest.mark.parametrize("words", [["ok"], ["double250"], HARMLESS], ids=["ok", "said twice", "both"])
def test_without_a_fault_two_hundred_messages_arrive_once_each(desk, words):
    ids = desk.fill(MANY)
    with FaultyServer(chain.from_iterable(forever(words))) as server:
        posted = desk.post(smtp(server))
        assert desk.post(smtp(server)).sent == []
    assert (len(posted.sent), posted.later, posted.failed, posted.again, posted.code) == (MANY, [], [], [], 0)
    assert server.copies() == dict.fromkeys(ids, 1)
    assert [entry["facts"]["message"] for entry in desk.entries("mailed")] == ids


@pytest.mark.parametrize("seed", range(2))
def test_with_every_fault_nothing_is_lost_and_no_fault_makes_more_than_one_copy(desk, seed):
    ids = desk.fill(MANY)
    dice = random.Random(seed)  # noqa: S311 - the same plan every time
    plan = (dice.choice(BEFORE + AFTER + HARMLESS) if dice.random() < 0.5 else "ok" for _ in forever())
    refused = {f"p{at}@clinic.example" for at in range(0, MANY, 10)}
    with FaultyServer(plan, slow=0.4, refused=refused) as server:
        desk.until_nothing_waits(smtp(server, timeout=0.2))
    copies = server.copies()
    wanted = [one for at, one in enumerate(ids) if at % 10]
    assert set(copies) == set(wanted), "lost, or one that was refused came through"
    assert sum(copies.values()) - len(copies) <= server.after_data, "a copy without a fault behind it"
    for one in (one for one, number in copies.items() if number > 1):
        mine = [each for each in server.got if each.message_id == one]
        assert len(mine) - 1 <= sum(each.fault in AFTER for each in mine)
        assert len({each.raw for each in mine}) == 1, "the copies differ"
    assert {server.asked[address] for address in refused} == {1}, "asked again after a 550"
    assert set(desk.rows().values()) == {SENT, FAILED}
    assert sorted(entry["facts"]["message"] for entry in desk.entries("mailed")) == sorted(wanted)
    assert len(desk.entries("refused")) == len(refused)
    assert set(server.faults) >= {*BEFORE, *AFTER, *HARMLESS}, "a fault never struck"
    with desk.office.store() as store:
        assert doctor(store).findings == ()


@pytest.mark.parametrize("fault", BEFORE)
def test_a_fault_before_the_server_has_it_makes_no_copy(desk, fault):
    ids = desk.fill(3)
    with FaultyServer(chain([fault], forever()), slow=0.4) as server:
        first = desk.post(smtp(server, timeout=0.2))
        assert len(first.later) == 1
        assert (first.code, server.after_data) == (4, 0)
        desk.until_nothing_waits(smtp(server))
    assert server.copies() == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("fault", AFTER)
def test_a_fault_after_the_server_has_it_makes_one_copy_with_the_same_id(desk, fault):
    ids = desk.fill(3)
    with FaultyServer(chain([fault], forever()), slow=0.4) as server:
        desk.post(smtp(server, timeout=0.2))
        desk.until_nothing_waits(smtp(server))
    assert sorted(server.copies().values()) == [1, 1, 2]
    assert set(server.copies()) == set(ids)


def test_a_refusal_at_the_end_of_data_is_for_a_person_and_never_tried_again(desk):
    desk.fill(2)
    with FaultyServer(chain(["550_end"], forever())) as server:
        posted = desk.post(smtp(server))
        assert [(one.status, one.last_answer) for one in posted.failed] == [(FAILED, "550 content not taken")]
        desk.time.pass_(days=30)
        assert desk.post(smtp(server)).code == 0
        assert sum(server.faults.values()) == 2


# Two at once, and crashes.


def test_two_runs_at_once_send_each_message_once(desk):
    ids = desk.fill(MANY)
    gate, results = threading.Barrier(4), []

    def go():
        gate.wait()
        results.append(desk.post(smtp(server)))

    with FaultyServer(forever()) as server:
        threads = [threading.Thread(target=go) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.copies() == dict.fromkeys(ids, 1)
    assert sum(len(each.sent) for each in results) == MANY
    assert [each.later + each.failed + each.again for each in results] == [[]] * 4


DYING = """
import os, signal, sys
import cli
from appeals.commands import smtp
whole = smtp.Smtp.deliver
def deliver(self, recipient, body):
    if {before}:
        os.kill(os.getpid(), signal.SIGKILL)
    whole(self, recipient, body)
    os.kill(os.getpid(), signal.SIGKILL)
smtp.Smtp.deliver = deliver
sys.exit(cli.run_command(sys.argv[1:]))
"""


@pytest.mark.parametrize(("before", "copies"), [(True, 1), (False, 2)], ids=["before it is handed over", "after it"])
def test_a_message_a_killed_run_left_is_sent_again_under_the_same_id_and_told(desk, tmp_path, before, copies):
    ids = desk.fill(2)
    with FaultyServer(forever()) as server:
        config = configured(tmp_path, server.port)
        env = {"PYTHONPATH": str(ROOT), "APPEALS_CONFIG": str(config), "HOME": str(tmp_path)}
        words = ["outbox", "--send", "--db", str(desk.office.db)]
        subprocess.run([sys.executable, "-c", DYING.format(before=before), *words], env=env, check=False, timeout=60)
        assert sorted(desk.rows().values()) == [SENDING, WAITING]
        desk.time.now = datetime.now(UTC)
        soon = desk.post(smtp(server))
        assert (len(soon.sent), soon.again, soon.left) == (1, [], 1), "it may still be on its way"
        desk.time.pass_(minutes=terms().lost_minutes + 1)
        late = desk.post(smtp(server))
    assert (len(late.sent), len(late.again)) == (1, 1)
    assert sorted(server.copies().values()) == sorted([copies, 1])
    assert set(server.copies()) == set(ids)
    assert [entry["facts"].get("again") for entry in desk.entries("mailed")] == [None, True]


def test_a_clock_that_was_put_back_loses_nothing(desk):
    desk.fill(2)
    with pytest.raises(KeyboardInterrupt):
        desk.post(Answers(LATER, KeyboardInterrupt()))
    assert sorted(desk.rows().values()) == [SENDING, WAITING]
    desk.time.pass_(days=-400)
    assert len(desk.post(Answers(TAKEN, TAKEN)).sent) == 2


def test_a_run_that_was_slower_than_its_claim_still_ends_what_it_sent(desk):
    [one] = desk.fill(1)
    late = Answers(LATER)

    class Slow:
        def deliver(self, recipient, body):
            desk.time.pass_(minutes=terms().lost_minutes + 1)
            assert len(desk.post(late).later) == 1, "taken for lost, and tried again"
            return TAKEN

    assert [each.status for each in desk.post(Slow()).sent] == [SENT]
    assert desk.rows() == {one: SENT}


# Waiting, refusals, retrying.


def test_a_message_is_tried_again_after_the_waits_of_the_table_and_not_before(desk):
    desk.fill(1)
    for minutes in (*terms().retry_minutes, terms().retry_minutes[-1], terms().retry_minutes[-1]):
        assert len(desk.post(Answers(LATER)).later) == 1
        desk.time.pass_(minutes=minutes, seconds=-1)
        assert desk.post(Answers()).left == 1
        desk.time.pass_(seconds=1)
    assert [one.attempts for one in desk.post(Answers(TAKEN)).sent] == [len(terms().retry_minutes) + 3]


def test_the_oldest_day_goes_first(desk):
    newer, older = desk.fill(1, days=1), desk.fill(1)
    assert [one.message_id for one in desk.post(Answers(TAKEN, TAKEN)).sent] == [*older, *newer]


@pytest.mark.parametrize("error", [Unreachable("no server"), BadConfiguration("the login is refused")], ids=["out of reach", "no login"])
def test_where_no_server_was_spoken_to_every_message_waits_as_before(desk, error):
    ids = desk.fill(MANY)
    before = desk.office.everything()
    posted = desk.post(Answers(*[error] * 9))
    assert desk.office.everything() == before
    assert (posted.problem, posted.sent, posted.failed) == (error, [], [])
    assert len(posted.later) == (1 if isinstance(error, BadConfiguration) else terms().unreachable)
    assert len(posted.later) + posted.left == MANY == len(ids)


def test_one_server_out_of_reach_does_not_end_the_run(desk):
    desk.fill(3)
    posted = desk.post(Answers(Unreachable("x"), TAKEN, TAKEN))
    assert (len(posted.sent), len(posted.later), posted.problem, posted.code) == (2, 1, None, 4)


def test_a_dry_run_sends_and_writes_nothing(desk):
    desk.fill(3)
    before = desk.office.everything()
    posted = desk.post(Answers(), dry_run=True)
    assert (len(posted.sent), posted.dry_run) == (3, True)
    assert desk.office.everything() == before


def test_an_address_that_was_changed_behind_our_back_is_for_a_person_and_reaches_no_server(desk):
    desk.fill(1)
    with desk.office.store() as store:
        [row] = store.outbox(WAITING)
        assert store.move(row, replace(row, recipient="a@x.example\r\nRCPT TO:<eve@evil.example>"))
    posted = desk.post(Answers())
    assert [one.last_answer for one in posted.failed] == [posting.PERSON]


def test_a_refused_message_is_sent_when_a_person_says_so_and_one_that_was_sent_never_again(desk):
    one, two = desk.fill(2)
    desk.post(Answers(NEVER, TAKEN))
    with desk.office.store() as store:
        run = desk.run(store)
        refused = next(key for key, status in desk.rows().items() if status == FAILED)
        sent = ({one, two} - {refused}).pop()
        with pytest.raises(ImpossibleValue):
            retry(store, run, sent[:12])
        with pytest.raises(NotFound):
            retry(store, run, "zzz")
        assert [each.message_id for each in retry(store, run, refused[1:12])] == [refused]
        assert retry(store, run, "all") == ()
    assert [each.message_id for each in desk.post(Answers(TAKEN)).sent] == [refused]
    assert len(desk.entries("retried")) == 1


def test_a_retried_message_goes_to_the_address_the_person_has_now(desk):
    [one] = desk.fill(1)
    with FaultyServer(forever(), refused={"p0@clinic.example"}) as server:
        assert len(desk.post(smtp(server)).failed) == 1
        desk.office.do("2026-12-01 person p0 --name P --email right@clinic.example")
        with desk.office.store() as store:
            assert [each.message_id for each in retry(store, desk.run(store), one[:9])] == [one]
        assert len(desk.post(smtp(server)).sent) == 1
    [got] = server.got
    assert (got.recipient, got.message["To"], got.message_id) == ("right@clinic.example", "right@clinic.example", one)
    assert [entry["facts"]["readdressed"] for entry in desk.entries("retried")] == [True]


@pytest.mark.parametrize("lost", [False, True], ids=["put off", "its answer was lost"])
def test_a_waiting_message_goes_to_the_address_the_person_has_now(desk, lost):
    [one] = desk.fill(1)
    with FaultyServer(chain(["cut_after" if lost else "451_rcpt"], forever())) as server:
        assert len(desk.post(smtp(server)).later) == 1
        desk.office.do("2026-12-01 person p0 --name P --email right@clinic.example")
        desk.time.pass_(hours=1)
        assert len(desk.post(smtp(server)).sent) == 1
    got = server.got[-1]
    assert (got.recipient, got.message["To"], got.message_id) == ("right@clinic.example", "right@clinic.example", one)
    assert desk.entries("mailed")[0]["facts"]["readdressed"] is True


def test_what_waits_for_somebody_who_gets_no_mail_any_more_reaches_no_server(desk):
    desk.office.do("2026-12-01 person p0 --name P --no-email")
    desk.fill(1)
    assert [one.last_answer for one in desk.post(Answers()).failed] == [posting.PERSON]


def test_a_database_that_is_busy_when_the_server_has_answered_makes_no_second_copy(desk, monkeypatch):
    monkeypatch.setattr("db.engine.BUSY_SECONDS", 0.2)
    desk.fill(1)
    held, asked = threading.Event(), []

    def importing():
        file = best_driver().connect(desk.office.db, isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(1)
        file.execute("ROLLBACK")
        file.close()

    class Server:
        def deliver(self, recipient, body):
            asked.append(recipient)
            threading.Thread(target=importing).start()
            held.wait()
            return TAKEN

    assert len(desk.post(Server()).sent) == 1
    desk.time.pass_(days=1)
    assert desk.post(Server()).sent == []
    assert len(asked) == 1


def test_the_same_message_a_second_time_does_not_get_into_the_outbox(desk):
    desk.fill(1)
    with pytest.raises(StaleCase):
        desk.fill(1)
    desk.post(Answers(TAKEN))
    with pytest.raises(StaleCase):
        desk.fill(1)
    assert list(desk.rows().values()) == [SENT]


# As staff and cron start it.


def configured(folder, port: int, more: str = ""):
    """A config.toml with these mail settings."""
    path = folder / "config.toml"
    path.write_text(f'[mail]\nhost = "{HOST}"\nport = {port}\ntls = "none"\nfrom = "{SENDER}"\n{more}')
    return path


@pytest.fixture
def at(desk, tmp_path, monkeypatch):
    """Run `outbox` of the desk's office against a server on this port."""

    def say(words: str, port: int = 1, more: str = ""):
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, port, more)))
        return desk.office.say(f"2026-12-01 outbox {words}")

    return say


def test_the_command_lists_sends_and_says_what_became_of_each(desk, at):
    desk.fill(3)
    assert at("").out.count("waits") == 3
    with FaultyServer(chain(["550_end", "451_end"], forever())) as server:
        answer = at("--send", server.port)
        assert (answer.code, answer.err) == (4, "")
        assert "1 mail sent, 1 to be tried again, 1 refused" in answer.out
        assert "refused, for a person: mail to p0: 550 content not taken" in answer.out
        listed = at("")
        assert (listed.code, "REFUSED" in listed.out) == (3, True)
        assert "2 mails would be sent." in at("--send --retry all --dry-run", server.port).out
        assert at("--send --retry all", server.port).code == 0
    assert at("").out.splitlines()[1:] == ["Nothing waits to be sent."]
    assert at("--sent").out.count(" sent ") == 3


def test_what_the_command_prints_keeps_to_its_schema(desk, at):
    from test_json import keeps

    desk.fill(3)
    with FaultyServer(chain(["550_end", "451_end"], forever())) as server:
        for words in (
            "",
            "--check",
            "--send --dry-run",
            "--send",
            "--sent",
            "--send --retry all",
            "--sent",
            "--drop all --dry-run",
            "--drop all",
        ):
            keeps("outbox", at(f"{words} --json", server.port).data, strict=True)
    desk.fill(1, days=1)
    assert json.loads(at("--send --json").err)["error"]["name"] == "try_again"


def test_a_message_a_person_gives_up_is_never_sent_and_no_longer_listed(desk, at):
    desk.fill(2)
    desk.post(Answers(NEVER, TAKEN))
    [refused] = [key for key, status in desk.rows().items() if status == FAILED]
    assert at("").code == 3
    dropped = at(f"--drop {refused[1:9]}")
    assert (dropped.code, "1 message given up." in dropped.out) == (0, True)
    assert desk.post(Answers()).sent == []
    assert at(f"--retry {refused[1:9]}").code == 22
    assert at("").code == 0
    assert " dropped " in at("--sent").out
    assert len(desk.entries("dropped")) == 1


def test_commands_started_at_once_send_each_message_once(desk, tmp_path):
    ids = desk.fill(40)
    with FaultyServer(forever()) as server:
        env = {"PYTHONPATH": str(ROOT), "APPEALS_CONFIG": str(configured(tmp_path, server.port)), "HOME": str(tmp_path)}
        words = [sys.executable, "-m", "cli", "outbox", "--send", "--json", "--db", str(desk.office.db)]
        how = {"env": env, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started = [subprocess.Popen(words, **how) for _ in range(3)]
        told = [process.communicate(timeout=120) for process in started]
    assert [(process.returncode, err) for process, (_, err) in zip(started, told, strict=True)] == [(0, "")] * 3
    assert sorted(one for out, _ in told for one in json.loads(out)["data"]["run"]["sent"]) == sorted(ids)
    assert server.copies() == dict.fromkeys(ids, 1)


def test_the_settings_are_tried_without_a_mail(desk, at):
    desk.fill(1)
    with FaultyServer(forever()) as server:
        answer = at("--check", server.port)
        assert (answer.code, f"The mail server {HOST}:{server.port} was opened as a mail would open it" in answer.out) == (0, True)
        assert (server.faults.total(), server.got, server.asked.total()) == (1, [], 0)
    gone = at("--check")
    assert (gone.code, "cannot be reached" in gone.err) == (75, True)
    assert [*desk.rows().values()] == [WAITING]


def test_no_mail_settings_a_server_out_of_reach_and_a_wrong_setting_have_their_codes_and_write_nothing(desk, at, tmp_path, monkeypatch):
    desk.fill(2)
    before = desk.office.everything()
    gone = at("--send")
    assert (gone.code, gone.out) == (75, "")
    assert "127.0.0.1:1 cannot be reached" in gone.err
    wrong = at("--send", more="colour = 1\n")
    assert wrong.code == 78
    assert "colour" in wrong.err
    monkeypatch.setenv("APPEALS_CONFIG", str(tmp_path / "none.toml"))
    none = desk.office.say("2026-12-01 outbox --send --retry all")
    assert none.code == 78
    assert "no mail settings" in none.err
    assert desk.office.everything() == before


def test_no_patient_is_in_a_mail_an_answer_an_entry_or_an_error(offices, tmp_path, monkeypatch):
    from test_privacy import HISTORY, leaks

    desk = Desk(offices.after(*HISTORY))
    with desk.office.store() as store:
        case = store.situation("1").case
        told = [item(number=1, clock=clock.kind) for clock in store.situation("1").clocks]
        run, settings = desk.run(store), mailing.Settings(sender=SENDER, practice_id=store.practice.id)
        ana = replace(digest(*told, head=""), email="ana@clinic.example")
        two = (ana, replace(ana, account="ben", email="no@clinic.example"))
        rows = [outbox_row(run, each, mailing.message(each, settings, at=START)) for each in two]
        store.apply([Change(event=writing.event(run, "reminder", "remind"), puts=tuple(rows))], request_id=run.request_id)
        assert case.patient_id not in rows[0].body
    with FaultyServer(chain(["cut_after", "451_end"], forever()), refused=["no@clinic.example"]) as server:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, server.port)))
        tried = ("--send", "--send --retry all", "--send --json", "", "--json", "--retry zzz", "--retry canarybird")
        said = [desk.office.say(f"2026-12-01 outbox {words}") for words in tried]
    assert server.got
    seen = "".join(each.raw.decode() for each in server.got) + "".join(answer.out + answer.err for answer in said)
    seen += json.dumps([entry for name in ("mailed", "refused", "retried") for entry in desk.entries(name)])
    assert leaks(seen) == []


def test_a_case_that_is_denied_needs_no_mail_settings_to_be_worked(offices):
    assert offices.after(*denied()).do("2026-11-06 outbox").out.endswith("Nothing waits to be sent.\n")
