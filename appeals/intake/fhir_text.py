"""The bytes of a JSON file as text, in whichever encoding it is written; never a guess, and never a letter that is not there."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from appeals.errors import FileRefused

CHUNK = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# RFC 4627, section 3: the first two characters of a JSON text are ASCII, so its zero bytes tell how wide they are.
_ZEROS: dict[tuple[bool, ...], str] = {
    (True, True, True, False): "utf-32-be", (False, True, True, True): "utf-32-le",
    (True, False, True, False): "utf-16-be", (False, True, False, True): "utf-16-le",
}  # fmt: skip


def starts_as_json(head: bytes) -> bool:
    """Whether a file that starts with these bytes is JSON, in any of the encodings it may have."""
    codec = _codec(head)
    text = head[: 1 << 10].decode(codec, errors="ignore") if codec != "utf-8" else head[: 1 << 10].decode("latin-1")
    return text.lstrip("\ufeff \t\r\n").startswith(("{", "["))


def decoded(stream: BinaryIO) -> Iterator[str]:
    """The file as text. Raises FileRefused where the bytes are not of its encoding."""
    data = stream.read(CHUNK)
    codec = _codec(data)
    decoder = codecs.getincrementaldecoder(codec)(errors="strict")
    behind = 0
    while True:
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            name = codec.upper().removesuffix("-SIG")
            what = f"Byte {max(behind + error.start, 0) + 1} or just before it is not {name}, and JSON has no other letters."
            raise FileRefused(what, "Save it as UTF-8, or download it again.") from error
        if text:
            yield text
        if not data:
            return
        behind += len(data)
        data = stream.read(CHUNK)


def _codec(head: bytes) -> str:
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), "")
    return marked or _ZEROS.get(tuple(byte == 0 for byte in head[:4]), "utf-8")
