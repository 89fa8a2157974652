"""A limit for a whole conversation with a mail server: one that says something now and then, for ever, must not hold the others up."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any


class Limit:
    """Cuts the line when the time is over, whoever is reading or writing on it then: it ends for them as if the server had gone."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._lines: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Limit:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        for line in self._lines:
            line.close()

    def watch(self, line: socket.socket) -> None:
        """The line of this conversation; TLS that is put around it later is cut with it. Raises TimeoutError where time is over."""
        self._lines.append(line.dup())  # the one to whom TLS takes the line over would not be found again
        if self.over:
            line.close()
            raise TimeoutError

    def _end(self) -> None:
        self.over = True
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class Plain(smtplib.SMTP):
    """A client whose line is watched from its first byte: the constructor waits for the greeting already."""

    def __init__(self, limit: Limit, **given: Any) -> None:
        self.limit = limit
        super().__init__(**given)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # the one place where smtplib connects
        self.limit.watch(line)
        return line


class Encrypted(smtplib.SMTP_SSL, Plain):  # in this order: TLS is put around a line that is watched
    """The same with TLS from the first byte."""

    def __init__(self, limit: Limit, context: ssl.SSLContext | None, **given: Any) -> None:
        self.limit = limit
        smtplib.SMTP_SSL.__init__(self, context=context, **given)
