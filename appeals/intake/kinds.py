"""Says what a file is from its first bytes; never reads its contents for values."""

from __future__ import annotations

from appeals.errors import FileRefused

_MAGIC = (
    (b"%PDF", "a PDF document", "Ask the payer for the 835 itself; a PDF remittance is entered with `appeals open --denied`."),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it and take in the files inside."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and take in the file inside."),
    (b"BZh", "a bzip2 archive", "Unpack it and take in the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and take in the files inside."),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "Export it as the file format the payer sent."),
    (b"\x89PNG", "a picture (PNG)", "Attach it to a case with `appeals document add`."),
    (b"\xff\xd8\xff", "a picture (JPEG)", "Attach it to a case with `appeals document add`."),
    (b"II*\x00", "a scanned picture (TIFF)", "Attach it to a case with `appeals document add`."),
    (b"-----BEGIN PGP", "an encrypted file (PGP)", "Decrypt it first."),
)
_ENVELOPE = "An X12 file starts with an ISA segment: download it again, or ask the clearing house for the whole interchange."
_CSV = (
    "A CSV file is taken in by itself with a mapping, such as the one that ships (`appeals intake FILE --mapping generic-claims`); "
    "`appeals intake mapping-template FILE` says what that finds in it and writes one to correct."
)
_TABLE = "a table of values (CSV)"
_PART = "a part of an X12 file, without its ISA segment"
_TEXTS = (
    ("ISA", "a file that ends or goes wrong inside its ISA segment", "Download it again; a resend is safe."),
    (("ST*", "GS*", "ST|", "GS|", "ST^", "GS^"), _PART, _ENVELOPE),
    ("<", "an XML file", _ENVELOPE),
    (("{", "["), "a JSON file", "A FHIR bundle is taken in as what it is; an 835 is not JSON."),
)

_PLAIN, _BINARY = "text without an ISA segment", "a binary file"
_DECRYPT = 'Decrypt it, or save it as CSV (UTF-8); for UTF-16 set encoding = "utf-16-le" in the mapping.'
_OFFICE = (
    (b"PK\x03\x04", "an Excel workbook or another ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document, or one that a password protects"),
)

_TYPES = {
    "837": "an 837 (a claim)", "277": "a 277 (claim status)", "999": "a 999 (acknowledgement)", "997": "a 997 (acknowledgement)",
    "271": "a 271 (eligibility)", "270": "a 270 (eligibility request)", "276": "a 276 (claim status request)",
    "278": "a 278 (authorisation)", "834": "an 834 (enrolment)", "820": "an 820 (premium payment)",
}  # fmt: skip
LONGEST_TRAILER = 64  # characters of an SE, GE or IEA: what is longer holds something else
_INSTEAD = {"276": "It is a question to a payer: take in the 277 that answers it."}


def refusal(head: bytes, wanted: str = "an X12 file") -> FileRefused:
    """The error that names what a file is instead of `wanted`, from its first bytes."""
    what, hint = described(head)
    return FileRefused(f"This is {what}, not {wanted}.", hint)


def refuse_no_table(head: bytes, *, wide: bool) -> None:
    """Refuse by name what is no text table, from its first bytes; `wide`: its text has two bytes a letter.

    Raises:
        FileRefused: a workbook, an encrypted file, a picture, a web page, an X12 file, nothing at all.
    """
    office = next((what for magic, what in _OFFICE if head.startswith(magic)), "")
    if office:
        raise FileRefused(f"This is {office}, not a CSV file.", "Open it and save it as CSV (UTF-8), then take in that file.")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"ISA"):
        raise FileRefused("This is an X12 file, not a CSV file.", "Take it in without --mapping.")
    if never_x12(head) or start.startswith((b"<", b"{")) or not start.strip(b"\0\x1a"):
        what, hint = described(head)
        raise FileRefused(f"This is {what}, not a CSV file.", hint)
    if b"\0" in head.split(b"\n")[0] and not wide:
        raise FileRefused("This is a binary or an encrypted file, not a CSV file; or its text is UTF-16.", _DECRYPT)


def not_835(foreign: str | None) -> FileRefused:
    """The error that names an X12 file by its transaction type; None: it has no transaction."""
    if foreign in _INSTEAD:
        return FileRefused(f"This is {_TYPES[foreign]}: it asks and answers nothing, so there is nothing to take in.", _INSTEAD[foreign])
    return not_wanted(foreign, "835", "Take it in as what it is, or ask the payer for the 835 of the payment.")


def not_wanted(foreign: str | None, wanted: str, hint: str = "Take it in as what it is.") -> FileRefused:
    """The same for a reader of the type `wanted`."""
    if foreign is None:
        return FileRefused(
            f"This is an X12 file without a transaction, not {_article(wanted)}.", "Download it again: the envelope is empty or cut off."
        )
    plain = foreign.isascii() and foreign.isdigit() and len(foreign) == 3
    what = _TYPES.get(foreign, f"an X12 {foreign}" if plain else "an X12 file of another type")
    return FileRefused(f"This is {what}, not {_article(wanted)}.", _INSTEAD.get(foreign, hint))


def refuse_joined(parts: list[str], position: int) -> None:
    """Refuse a file whose SE, GE or IEA goes on into something else, which would be lost without a word; pass by other segments.

    Raises:
        FileRefused: the trailer is longer than one can be, or an ISA stands in it.
    """
    trailer = "*".join(parts)
    if parts[0] in ("SE", "GE", "IEA") and (len(trailer) > LONGEST_TRAILER or "ISA" in trailer):
        what = f"Segment {position}: the trailer has no end and goes on into something else, probably another file behind this one."
        raise FileRefused(what, "Take in the files one by one; where they came as one, ask for it again. Nothing was taken.")


def _article(kind: str) -> str:
    return f"an {kind}" if kind.startswith("8") else f"a {kind}"


def never_x12(head: bytes) -> bool:
    """Whether the first bytes belong to a format that cannot carry X12, whatever follows."""
    return any(head.startswith(magic) for magic, _, _ in _MAGIC) or _is_html(head)


def described(head: bytes) -> tuple[str, str]:
    """What these first bytes are, in words for a person, and what to do about it."""
    if not head:
        return "an empty file", "Download it again: nothing arrived."
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            return what, hint
    if _is_html(head):
        return "an HTML page", "The portal probably sent its login or error page: sign in and download the file again."
    text = head.decode("latin-1").lstrip("\ufeff\xef\xbb\xbf \t\r\n\0\x1a")
    if not text:
        return "a blank file", "Download it again: only blanks arrived."
    for starts, what, hint in _TEXTS:
        if text.startswith(starts):
            return what, hint
    if "\0" in text:
        return _BINARY, _ENVELOPE
    first = text.partition("\n")[0]
    return (_TABLE, _CSV) if any(first.count(mark) > 1 for mark in ",;\t|") else (_PLAIN, f"{_ENVELOPE} {_CSV}")


def _is_html(head: bytes) -> bool:
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in start
