"""Handing mail to real servers: STARTTLS, TLS, logins, and every setting that is wrong said in one line."""

from __future__ import annotations

import re
import socket
import ssl
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from mailserver import HOST, FaultyServer, certificate, forever, server_context
from practice import Offices
from test_bad_input import a_quiet_account
from test_mailing import AT, FULL, SETTINGS
from test_posting import Desk

from appeals import mailing
from appeals.commands import smtp
from appeals.commands.outbox import mail_settings, sent
from appeals.commands.smtp import MailSettings, Smtp, settings
from appeals.errors import BadConfiguration
from appeals.mailterms import FAILED, SENT, WAITING, terms
from appeals.services.posting import Unreachable

__all__ = ["a_quiet_account"]
# The server does not count TLS from the first byte as TLS, and warns where a login is taken all the same.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

USER, PASSWORD = "clinic", "correct-horse"
BODY = mailing.message(FULL, SETTINGS, at=AT).as_bytes()
GIVEN = MailSettings(host=HOST, sender="appeals@clinic.example", tls="none", port=25, timeout=10)


class Kept:
    """What the server was handed."""

    def __init__(self):
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        return "250 queued"


def authenticator(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def free_port() -> int:
    with socket.create_server((HOST, 0)) as found:
        return found.getsockname()[1]


class Server:
    """aiosmtpd in a thread of its own."""

    def __init__(self, tls: str, context: ssl.SSLContext | None = None, *, wants_login: bool = False) -> None:
        self.kept, self.tls = Kept(), tls
        how = {"ssl_context": context} if tls == "tls" else {"tls_context": context, "require_starttls": True} if tls == "starttls" else {}
        if wants_login:
            how |= {"authenticator": authenticator, "auth_required": True, "auth_require_tls": tls == "starttls"}
        self.controller = Controller(self.kept, hostname=HOST, port=free_port(), ready_timeout=20, **how)

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    def settings(self, **more) -> MailSettings:
        return replace(GIVEN, tls=self.tls, port=self.controller.port, **more)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("certificate"), "localhost")


@pytest.fixture
def login_file(tmp_path):
    path = tmp_path / "login"
    path.touch(mode=0o600)
    path.write_text(f"{USER}\n{PASSWORD}\n")
    return path


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_a_mail_arrives_whole_through_tls_with_a_login_from_a_file(pair, login_file, tls, host):
    public, private = pair
    with Server(tls, server_context(public, private), wants_login=True) as server:
        given = server.settings(ca_file=str(public), login_file=str(login_file))
        assert Smtp(replace(given, host=host)).deliver("ana@clinic.example", BODY).outcome == SENT
    [envelope] = server.kept.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("appeals@clinic.example", ["ana@clinic.example"])
    assert envelope.content == BODY


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_refused_before_the_login_is_told(pair, login_file, tls):
    with Server(tls, server_context(*pair), wants_login=True) as server, pytest.raises(BadConfiguration, match=r"not trusted.*self-signed"):
        Smtp(server.settings(login_file=str(login_file))).deliver("ana@clinic.example", BODY)
    assert server.kept.envelopes == []


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize(("wrong", "said"), [("expired", "expired"), ("name", "mismatch|not valid for")])
def test_a_certificate_that_is_expired_or_of_another_name_is_refused(tmp_path, tls, wrong, said):
    public, private = certificate(tmp_path, "mail.example", expired=wrong == "expired")
    with Server(tls, server_context(public, private)) as server, pytest.raises(BadConfiguration, match=f"(?i){said}"):
        Smtp(server.settings(ca_file=str(public), host="localhost" if wrong == "name" else HOST)).deliver("ana@clinic.example", BODY)


def test_a_server_without_tls_is_told_nothing(login_file):
    with FaultyServer(forever()) as server:
        for tls in ("starttls", "tls"):
            with pytest.raises((BadConfiguration, Unreachable)) as found:
                Smtp(replace(GIVEN, tls=tls, port=server.port, login_file=str(login_file), timeout=2)).deliver("ana@clinic.example", BODY)
            assert isinstance(found.value, BadConfiguration), found.value.message
        assert server.got == []
        assert server.asked == {}


def test_a_refused_login_is_a_setting_to_mend_and_is_not_repeated_in_the_error(pair, login_file):
    login_file.write_text("clinic\nwrong-battery\n")
    with Server("tls", server_context(*pair), wants_login=True) as server, pytest.raises(BadConfiguration) as found:
        Smtp(server.settings(ca_file=str(pair[0]), login_file=str(login_file))).deliver("ana@clinic.example", BODY)
    assert "refuses the login: 535" in found.value.message
    assert "wrong-battery" not in repr(found.value) + found.value.message + found.value.hint
    assert found.value.__cause__ is None


def test_a_server_that_wants_a_login_nobody_gave_is_a_setting_to_mend(pair):
    with Server("tls", server_context(*pair), wants_login=True) as server, pytest.raises(BadConfiguration, match="wants a login: 530"):
        Smtp(server.settings(ca_file=str(pair[0]))).deliver("ana@clinic.example", BODY)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_login_file_others_may_read_is_refused_before_anybody_is_called(login_file, mode):
    login_file.chmod(mode)
    with pytest.raises(BadConfiguration, match="read by other accounts") as found:
        Smtp(replace(GIVEN, login_file=str(login_file))).deliver("ana@clinic.example", BODY)
    assert "chmod 600" in found.value.hint
    assert PASSWORD not in found.value.message


@pytest.mark.parametrize("content", [b"", b"clinic\n", b"clinic\n\n", b"a\nb\nc\n", b"\xff\n\xfe\n", "clinic\npässword\n".encode()])
def test_a_login_file_of_another_shape_is_refused(login_file, content):
    login_file.write_bytes(content)
    with pytest.raises(BadConfiguration):
        smtp.login(replace(GIVEN, login_file=str(login_file)))


def test_a_login_file_that_is_none_is_refused(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BadConfiguration):
            smtp.login(replace(GIVEN, login_file=str(path)))


def test_the_password_may_lie_in_the_keyring(monkeypatch):
    known = {(smtp.SERVICE, "clinic"): PASSWORD}
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=lambda service, user: known.get((service, user))))
    assert smtp.login(replace(GIVEN, keyring_user="clinic")) == ("clinic", PASSWORD)
    with pytest.raises(BadConfiguration, match="no password"):
        smtp.login(replace(GIVEN, keyring_user="nobody"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(BadConfiguration, match="not installed"):
        smtp.login(replace(GIVEN, keyring_user="clinic"))


def test_a_ca_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "empty.pem").write_text("nothing")
    for path in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        with pytest.raises(BadConfiguration, match="ca_file"):
            Smtp(replace(GIVEN, tls="tls", ca_file=str(path))).deliver("ana@clinic.example", BODY)


def test_nobody_at_the_other_end_is_no_setting_to_mend():
    with pytest.raises(Unreachable, match="cannot be reached"):
        Smtp(replace(GIVEN, port=free_port())).deliver("ana@clinic.example", BODY)
    with pytest.raises(Unreachable, match="cannot be reached"):
        Smtp(replace(GIVEN, host="no-such-host.invalid", tls="tls")).deliver("ana@clinic.example", BODY)


@pytest.mark.parametrize(
    ("fault", "outcome", "said"),
    [
        ("ok", SENT, ""), ("double250", SENT, ""), ("cut_before", WAITING, "the line was cut"), ("cut_in", WAITING, ""),
        ("cut_after", WAITING, "the line was cut"), ("slow_before", WAITING, "no answer in time"),
        ("slow_after", WAITING, "no answer in time"),
        ("421_mail", WAITING, "421 closing"), ("421_rcpt", WAITING, "421 not now"), ("451_rcpt", WAITING, "451 not now"),
        ("451_data", WAITING, "451 disk full"), ("451_end", WAITING, "451 content not taken"), ("550_end", FAILED, "550 content not taken"),
    ],
)  # fmt: skip
def test_what_a_server_says_is_sent_later_or_never(fault, outcome, said):
    with FaultyServer([fault], slow=0.6) as server:
        answer = Smtp(replace(GIVEN, port=server.port, timeout=0.3)).deliver("ana@clinic.example", BODY)
    assert answer.outcome == outcome
    assert answer.words.startswith(said)


class Tarpit:
    """A server that says something now and then and never comes to an end: at the greeting, after EHLO, or after the mail."""

    def __init__(self, where: str, drop: bytes) -> None:
        self.where, self.drop, self.called = where, drop, 0
        self.socket = socket.create_server((HOST, 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.called += 1
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            self._say(connection, "greeting", b"220 ready")
            inside = False
            for line in lines:
                if inside:
                    if line == b".\r\n":
                        inside = False
                        self._say(connection, "end", b"250 queued")
                    continue
                inside = line[:4].upper() == b"DATA"
                self._say(connection, line[:4].decode().lower(), b"354 go on" if inside else b"250 ok")

    def _say(self, connection, where, words):
        while where == self.where:
            connection.sendall(self.drop)
            time.sleep(0.05)
        connection.sendall(words + b"\r\n")


@pytest.mark.parametrize("drop", [b"220-please wait\r\n", b"5"])
@pytest.mark.parametrize("where", ["greeting", "ehlo", "end", "none"])
def test_a_server_that_goes_on_for_ever_is_cut_off_and_the_message_waits(where, drop):
    if drop == b"220-please wait\r\n" and where in ("ehlo", "end"):
        drop = b"250-please wait\r\n"
    server, began = Tarpit(where, drop), time.monotonic()
    with server.socket:
        transport = Smtp(replace(GIVEN, port=server.port, timeout=0.2))
        if where in ("greeting", "ehlo"):
            with pytest.raises(Unreachable, match="no answer in time"):
                transport.deliver("ana@clinic.example", BODY)
        else:
            answer = transport.deliver("ana@clinic.example", BODY)
            assert (answer.outcome, answer.words) == ((SENT, "") if where == "none" else (WAITING, "no answer in time"))
    assert time.monotonic() - began < 0.2 * terms().conversation_timeouts + 2


def test_a_server_that_goes_on_for_ever_under_tls_is_cut_off_too():
    server = Tarpit("greeting", b"2")
    with server.socket, pytest.raises((Unreachable, BadConfiguration)):  # what it says is no TLS, or never comes to an end
        Smtp(replace(GIVEN, tls="tls", port=server.port, timeout=0.2)).deliver("ana@clinic.example", BODY)


def test_a_mail_that_is_taken_is_sent_though_the_farewell_never_ends():
    server, began = Tarpit("quit", b"221-bye\r\n"), time.monotonic()
    with server.socket:
        assert Smtp(replace(GIVEN, port=server.port, timeout=0.2)).deliver("ana@clinic.example", BODY).outcome == SENT
    assert time.monotonic() - began < 0.2 * terms().conversation_timeouts + 2


def test_one_conversation_at_its_longest_ends_before_its_message_counts_as_lost():
    assert terms().longest_timeout_seconds * terms().conversation_timeouts < terms().lost_minutes * 60


def test_a_servers_words_become_one_short_line():
    assert smtp.one_line(b"no\r\n\x1b]0;x\x07 such \xff user  " + b"x" * 500) == ("no ]0;x such user " + "x" * 500)[: smtp.LONGEST_ANSWER]


RIGHT = {"host": "smtp.clinic.example", "from": "appeals@clinic.example"}
WRONG = [
    ({}, "no mail settings"),
    ({"mail": "smtp.clinic.example"}, "no table"),
    ({"mail": {}}, "host"),
    ({"mail": RIGHT | {"host": "a b"}}, "host"),
    ({"mail": RIGHT | {"host": "x\r\ny"}}, "host"),
    ({"mail": {"host": "smtp.clinic.example"}}, "from"),
    ({"mail": RIGHT | {"from": "a@b\nBcc: c@d"}}, "from"),
    ({"mail": RIGHT | {"tls": "yes"}}, "tls must be one of"),
    ({"mail": RIGHT | {"tls": "none"}}, "this machine only"),
    ({"mail": RIGHT | {"port": 0}}, "port"),
    ({"mail": RIGHT | {"port": "25"}}, "port is no whole number"),
    ({"mail": RIGHT | {"port": True}}, "port is no whole number"),
    ({"mail": RIGHT | {"timeout": 100_000}}, "timeout"),
    ({"mail": RIGHT | {"timeout": 0}}, "timeout"),
    ({"mail": RIGHT | {"host": 7}}, "host is no text"),
    ({"mail": RIGHT | {"password": "x"}}, "a key nobody knows: password"),
    ({"mail": RIGHT | {"login_file": "a", "keyring_user": "b"}}, "two places"),
]


@pytest.mark.parametrize(("config", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_setting_is_named(config, said):
    with pytest.raises(BadConfiguration, match=re.escape(said)):
        settings(config)


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("tls", 465)])
def test_what_is_left_out_has_the_usual_value(tls, port):
    found = settings({"mail": RIGHT | {"tls": tls}})
    assert (found.tls, found.port, found.timeout) == (tls, port, terms().timeout_seconds)
    assert settings({"mail": RIGHT}).tls == "starttls", "nothing goes in the clear unless somebody says so"


# What another command calls when it has committed what it tells.


@pytest.fixture
def desk(tmp_path):
    return Desk(Offices(tmp_path).after())


def app(desk, store, config):
    return SimpleNamespace(config=config, store=store, run=lambda: desk.run(store))


def test_a_command_that_has_committed_hears_of_a_problem_and_never_fails_of_it(desk):
    with desk.office.store() as store:
        assert sent(app(desk, store, {})).code == 0, "no mail, and nothing to send"
        desk.fill(2)
        found = sent(app(desk, store, {}))
        assert (found.code, found.left, type(found.problem)) == (4, 2, BadConfiguration)
        with FaultyServer(forever()) as server:
            here = {"host": HOST, "port": server.port, "tls": "none", "from": "appeals@clinic.example"}
            found = sent(app(desk, store, {"mail": here}))
            assert (found.code, len(found.sent)) == (0, 2)
        assert mail_settings(app(desk, store, {})) is None
        assert mail_settings(app(desk, store, {"mail": here})).sender == "appeals@clinic.example"


def test_two_hundred_arrive_once_each_at_a_server_we_did_not_write(desk, pair, login_file):
    ids = desk.fill(200)
    with Server("starttls", server_context(*pair), wants_login=True) as server:
        posted = desk.post(Smtp(server.settings(ca_file=str(pair[0]), login_file=str(login_file))))
    assert len(posted.sent) == len(ids)
    raw = [envelope.content for envelope in server.kept.envelopes]
    assert len(raw) == len(ids)
    assert all(sum(one.encode() in each for each in raw) == 1 for one in ids)
