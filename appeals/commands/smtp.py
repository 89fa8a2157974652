"""Handing one message to a mail server: TLS, login from a file or the keyring, one connection a message. It decides nothing.

One connection a message, so that what a server says about one can never be taken for what it says about the next.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from appeals.commands.conversation import Encrypted, Limit, Plain
from appeals.errors import BadConfiguration
from appeals.mailing import is_address
from appeals.mailterms import FAILED, SENT, WAITING, terms
from appeals.services.posting import Answer, Unreachable

TLS = ("starttls", "tls", "none")
LOCAL = ("localhost", "127.0.0.1", "::1")
PORTS = {"starttls": 587, "tls": 465, "none": 25}
TEXTS = ("host", "tls", "from", "login_file", "keyring_user", "ca_file")
NUMBERS = ("port", "timeout")
SERVICE = "appeals-mail"  # what the password is called in the keyring
LOGIN_REFUSED = (530, 534, 535, 538)  # RFC 4954 6: nothing is said about the message
LONGEST_ANSWER = 200
TOO_LONG = "no answer in time"
SHORT_LOGIN = 4096
HINT = "See `## Mail` in docs/operations.md."


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """`[mail]` of config.toml. Where the login lies is here; the login itself is read when it is used, and kept nowhere."""

    host: str
    sender: str
    tls: str
    port: int
    timeout: int
    login_file: str = ""
    keyring_user: str = ""
    ca_file: str = ""


def settings(config: Mapping[str, Any]) -> MailSettings:
    """`[mail]`, checked whole before anything is sent.

    Raises:
        BadConfiguration: there is none, or something in it is wrong; says which key.
    """
    given = config.get("mail")
    if given is None:
        raise BadConfiguration("There are no mail settings: config.toml has no [mail].", HINT)
    if not isinstance(given, Mapping):
        raise BadConfiguration("mail in config.toml is no table.", f"Write [mail], and below it its keys. {HINT}")
    _known_keys(given)
    tls, host, sender = given.get("tls", "starttls"), given.get("host", ""), given.get("from", "")
    timeout = given.get("timeout", terms().timeout_seconds)
    for wrong, message in (
        (not re.fullmatch(r"[A-Za-z0-9.:_-]+", host), "host must name the mail server"),
        (not is_address(sender), "from must be the address the mail comes from, and nothing else"),
        (tls not in TLS, f"tls must be one of {', '.join(TLS)}"),
        (tls == "none" and host not in LOCAL, "tls = none is for a server on this machine only; a login and a mail would go in the clear"),
        (not 0 < given.get("port", 1) <= 0xFFFF, "port must be a number from 1 to 65535"),
        (not 0 < timeout <= terms().longest_timeout_seconds, f"timeout must be 1 to {terms().longest_timeout_seconds} seconds"),
        ("login_file" in given and "keyring_user" in given, "login_file and keyring_user are two places for one login"),
    ):
        if wrong:
            raise BadConfiguration(f"[mail] in config.toml: {message}.", HINT)
    return MailSettings(
        host=host,
        sender=sender,
        tls=tls,
        port=given.get("port", PORTS[tls]),
        timeout=timeout,
        login_file=given.get("login_file", ""),
        keyring_user=given.get("keyring_user", ""),
        ca_file=given.get("ca_file", ""),
    )


def _known_keys(given: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - {*TEXTS, *NUMBERS})
    if unknown:
        raise BadConfiguration(
            f"[mail] in config.toml has a key nobody knows: {unknown[0]}.", f"Known keys: {', '.join((*TEXTS, *NUMBERS))}."
        )
    for name, value in given.items():
        wanted = str if name in TEXTS else int
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise BadConfiguration(f"[mail] in config.toml: {name} is no {'text' if wanted is str else 'whole number'}.", HINT)


def login(given: MailSettings) -> tuple[str, str] | None:
    """User and password, from where the settings say; None where the server asks for none.

    Raises:
        BadConfiguration: the file is missing, not yours, readable by others, or not of two lines; the keyring has no such login.
    """
    if given.keyring_user:
        found = (given.keyring_user, _from_keyring(given.keyring_user))
    elif given.login_file:
        found = _from_file(Path(given.login_file).expanduser())
    else:
        return None
    if not "".join(found).isascii():
        raise BadConfiguration("The login for the mail server has a letter SMTP cannot carry.", "Use ASCII letters, digits and signs.")
    return found


def _from_file(path: Path) -> tuple[str, str]:
    try:
        with path.open("rb") as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise BadConfiguration(f"login_file {path} is no ordinary file.", HINT)
            if found.st_mode & 0o077:
                raise BadConfiguration(f"login_file {path} may be read by other accounts.", f"chmod 600 {path}")
            lines = stream.read(SHORT_LOGIN).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadConfiguration(f"login_file {path} cannot be read: {why}.", HINT) from None
    if len(lines) != 2 or not all(lines):
        raise BadConfiguration(f"login_file {path} must have two lines: the user, then the password.", HINT)
    return lines[0], lines[1]


def _from_keyring(user: str) -> str:
    try:
        import keyring
    except ImportError:
        raise BadConfiguration("keyring_user is set, and the package keyring is not installed.", "pip install keyring") from None
    try:
        password = keyring.get_password(SERVICE, user)
    except Exception as error:  # every backend has errors of its own, and some put what they were given into them
        raise BadConfiguration(f"The keyring gave no answer: {type(error).__name__}.", HINT) from None
    if not password:
        raise BadConfiguration("The keyring has no password for keyring_user.", f"keyring set {SERVICE} {user}")
    return password


class Smtp:
    """A mail server as the outbox sees it."""

    def __init__(self, given: MailSettings) -> None:
        self.given = given

    def deliver(self, recipient: str, body: bytes) -> Answer:
        """Hand one message over; a line that breaks after it was begun leaves it to be tried again.

        Raises:
            Unreachable: no server answered. BadConfiguration: TLS, its certificate or the login is refused.
        """
        with self._limit() as limit:
            return self._delivered(limit, recipient, body)

    def _delivered(self, limit: Limit, recipient: str, body: bytes) -> Answer:
        client = self._reached(limit)
        answer = Answer(outcome=SENT, code=250)
        try:
            client.sendmail(self.given.sender, [recipient], body)
        except smtplib.SMTPRecipientsRefused as error:
            answer = self._answer(limit, *next(iter(error.recipients.values())))
        except smtplib.SMTPResponseException as error:
            answer = self._answer(limit, error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            client.close()
            answer = Answer(outcome=WAITING, words=TOO_LONG if limit.over else _reason(error))
        finally:
            with suppress(smtplib.SMTPException, OSError):
                if client.sock is not None:
                    client.quit()
            client.close()
        return answer

    @staticmethod
    def _answer(limit: Limit, code: int, words: bytes | str) -> Answer:
        """What a server said; a line that was cut in the middle of a word is no word."""
        return Answer(outcome=WAITING, words=TOO_LONG) if limit.over else _answered(code, words)

    def check(self) -> None:
        """Open the server as for a message, and send none. Raises as `deliver`."""
        with self._limit() as limit:
            client = self._reached(limit)
            with suppress(smtplib.SMTPException, OSError):  # it was reached, which is all that was asked
                client.quit()
            client.close()

    def _limit(self) -> Limit:
        return Limit(self.given.timeout * terms().conversation_timeouts)

    def _reached(self, limit: Limit) -> smtplib.SMTP:
        """A connection on which a message may be begun."""
        account = login(self.given)
        context = self._context
        try:
            client = _opened(self.given, context, limit)
        except (smtplib.SMTPException, OSError) as error:
            raise _unopened(self.given, TimeoutError() if limit.over else error) from None
        try:
            _ready(client, self.given, context, account)
        except (smtplib.SMTPException, OSError) as error:
            client.close()
            raise _unopened(self.given, TimeoutError() if limit.over else error) from None
        except BaseException:
            client.close()
            raise
        return client

    @cached_property
    def _context(self) -> ssl.SSLContext | None:
        """Whom we trust, read once: it takes longer than a message."""
        return None if self.given.tls == "none" else _trusting(self.given)


def _answered(code: int, words: bytes | str) -> Answer:
    """What a refusal means: 5xx never, anything else later. A login asked for too late is about no message."""
    told = one_line(words)
    if code in LOGIN_REFUSED:
        raise BadConfiguration(f"The mail server wants a login: {code} {told}", HINT)
    return Answer(outcome=FAILED if code >= 500 else WAITING, code=code, words=f"{code} {told}".strip())


def _trusting(given: MailSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(Path(given.ca_file).expanduser()) if given.ca_file else None)
    except (ssl.SSLError, OSError) as error:
        why = getattr(error, "strerror", None) or "it holds no certificate"
        raise BadConfiguration(f"ca_file {given.ca_file} cannot be used: {why}.", HINT) from None


def _opened(given: MailSettings, context: ssl.SSLContext | None, limit: Limit) -> smtplib.SMTP:
    # The name we greet with is the sender's domain: asking the machine for its own can take a name server minutes.
    place = {"host": given.host, "port": given.port, "local_hostname": given.sender.rpartition("@")[2], "timeout": given.timeout}
    return Encrypted(limit, context, **place) if given.tls == "tls" else Plain(limit, **place)


def _ready(client: smtplib.SMTP, given: MailSettings, context: ssl.SSLContext | None, account: tuple[str, str] | None) -> None:
    client.ehlo_or_helo_if_needed()
    if given.tls == "starttls":
        code, words = client.starttls(context=context)
        if code != 220:
            raise smtplib.SMTPResponseException(code, words)
        client.ehlo_or_helo_if_needed()
    if account is not None:
        client.login(*account)


def _unopened(given: MailSettings, error: Exception) -> Unreachable | BadConfiguration:
    """Why no message could be begun: something a person must mend, or a server that may answer later."""
    server = f"The mail server {given.host}:{given.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return BadConfiguration(f"{server} shows a certificate that is not trusted: {one_line(error.verify_message)}.",
                                f"If it is yours, name its certificate as ca_file. {HINT}")  # fmt: skip
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return BadConfiguration(f"{server} does not speak TLS as tls = {given.tls} wants it ({one_line(error.reason or 'SSL')}).", HINT)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return BadConfiguration(f"{server} offers no STARTTLS or no login; neither is sent in the clear.", HINT)
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        return BadConfiguration(f"{server} refuses the login: {error.smtp_code} {one_line(error.smtp_error)}.", HINT)
    again = f"Every message waits; `appeals outbox --send` tries again. {HINT}"
    return Unreachable(f"{server} cannot be reached: {_reason(error)}.", again)


def _reason(error: Exception) -> str:
    """Why a line broke, without anything that was sent on it."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {one_line(error.smtp_error)}".strip()
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return TOO_LONG
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the line was cut"
    return one_line((error.strerror if isinstance(error, OSError) else "") or type(error).__name__)


def one_line(words: bytes | str) -> str:
    """A server's words as one short line of printable ASCII: they are shown, kept and mailed."""
    told = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    clean = "".join(each if " " <= each <= "~" else " " for each in told)
    return " ".join(clean.split())[:LONGEST_ANSWER]
