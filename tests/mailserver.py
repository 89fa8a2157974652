"""Mail servers for the tests: one that fails in a chosen way, a certificate of our own, and what a server counted."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
# Faults by whether the server has the whole message when they strike: only the latter can make a second copy.
BEFORE = (
    "cut_greeting", "421_greeting", "cut_before", "cut_in", "421_mail", "421_rcpt", "451_rcpt", "451_data", "451_end", "slow_before",
)  # fmt: skip
AFTER = ("cut_after", "slow_after")
HARMLESS = ("ok", "double250")


@dataclass(frozen=True, slots=True)
class Got:
    """A message the server took whole, and what it did then."""

    message_id: str
    recipient: str
    fault: str
    raw: bytes

    @property
    def message(self):
        return message_from_bytes(self.raw, policy=policy.default)


class FaultyServer:
    """An SMTP server of a few lines that fails as the next word of `plan` says, one word a connection."""

    def __init__(self, plan: Iterable[str], *, slow: float = 1.0, refused: Iterable[str] = ()) -> None:
        self.plan, self.slow, self.refused = iter(plan), slow, frozenset(refused)
        self.got: list[Got] = []
        self.faults: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()  # RCPT by address
        self.lock = threading.Lock()
        self.socket = socket.create_server((HOST, 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                fault = next(self.plan)
                self.faults[fault] += 1
            threading.Thread(target=self._talk, args=(connection, fault), daemon=True).start()

    def _talk(self, connection: socket.socket, fault: str):
        try:
            with connection, connection.makefile("rb") as lines:
                self._spoken(connection, lines, fault)
        except (OSError, ValueError):
            pass

    def _spoken(self, connection, lines, fault):
        def say(words: str) -> bool:
            connection.sendall(words.encode() + b"\r\n")
            return words[:3] not in ("421", "221")  # after those the line is cut

        if fault == "cut_greeting" or not say("421 too busy" if fault == "421_greeting" else "220 ready"):
            return
        recipient = ""
        for line in lines:
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                goes_on = self._recipient(say, recipient, fault)
            elif verb == b"DATA":
                goes_on = self._data(say, lines, fault, recipient)
            else:
                goes_on = say("421 closing" if verb == b"MAIL" and fault == "421_mail" else "221 bye" if verb == b"QUIT" else "250 ok")
            if not goes_on:
                return

    def _recipient(self, say, recipient, fault) -> bool:
        with self.lock:
            self.asked[recipient] += 1
        if recipient in self.refused:
            return say("550 5.1.1 no such user here")
        return say(f"{fault[:3]} not now" if fault in ("421_rcpt", "451_rcpt") else "250 ok")

    def _data(self, say, lines, fault, recipient) -> bool:
        """One DATA; False where the line is cut."""
        if fault in ("cut_before", "slow_before"):
            time.sleep(self.slow if fault == "slow_before" else 0)
            return False
        if fault == "451_data":
            return say("451 disk full")
        say("354 go on")
        raw = self._body(lines, 3 if fault == "cut_in" else None)
        if raw is None:
            return False
        if fault in ("451_end", "550_end"):
            return say(f"{fault[:3]} content not taken")
        with self.lock:
            self.got.append(Got(str(message_from_bytes(raw)["Message-ID"]), recipient, fault, raw))
        if fault == "cut_after":
            return False
        time.sleep(self.slow if fault == "slow_after" else 0)
        return say("250 queued") and (fault != "double250" or say("250 queued"))

    @staticmethod
    def _body(lines, cut_at: int | None) -> bytes | None:
        """What comes up to the lone dot; None where the line ends before it."""
        raw = []
        for line in lines:
            if line == b".\r\n":
                return b"".join(raw)
            raw.append(line[1:] if line.startswith(b"..") else line)
            if len(raw) == cut_at:
                return None
        return None

    def copies(self) -> Counter[str]:
        """How often each message was taken."""
        return Counter(each.message_id for each in self.got)

    @property
    def after_data(self) -> int:
        """How many faults struck when the server had the message."""
        return sum(1 for each in self.got if each.fault in AFTER)


def certificate(folder: Path, *names: str, expired: bool = False) -> tuple[Path, Path]:
    """A self-made certificate for these names and 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made-up mail")])
    now = dt.datetime.now(dt.UTC)
    alternatives = [*(x509.DNSName(each) for each in names), x509.IPAddress(ipaddress.ip_address(HOST))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=9))
        .not_valid_after(now + dt.timedelta(days=-1 if expired else 9))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return public, private


def server_context(public: Path, private: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context


def forever(word: str = "ok") -> Iterator[str]:
    while True:
        yield word
