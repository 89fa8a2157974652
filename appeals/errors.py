"""Every error a user can cause or mend: what happened, what to do, and the exit code of `docs/exit-codes.md`."""

from __future__ import annotations

from collections.abc import Iterable


class AppealsError(Exception):
    """Base of all expected errors; anything else is a bug and shows a traceback.

    `message` and `hint` never hold patient data: they are printed, logged and mailed.
    """

    exit_code = 1
    name = "error"

    def __init__(self, message: str, hint: str = "", possible: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.possible = tuple(possible)


class NotFound(AppealsError):
    """Nothing has this number or name."""

    exit_code = 10
    name = "not_found"


class Ambiguous(AppealsError):
    """Several things have this number or name."""

    exit_code = 11
    name = "ambiguous"


class StepRefused(AppealsError):
    """The workflow does not allow this step now; `possible` names those it does."""

    exit_code = 20
    name = "step_refused"


class MissingFact(AppealsError):
    """A fact or a document the step needs was not given."""

    exit_code = 21
    name = "missing_fact"


class ImpossibleValue(AppealsError):
    """A date, an amount or a text that cannot be."""

    exit_code = 22
    name = "impossible_value"


class FileRefused(AppealsError):
    """A file that is not what it should be; nothing of it was taken."""

    exit_code = 30
    name = "file_refused"


class NoRule(AppealsError):
    """No rule, jurisdiction, version or holiday year for this."""

    exit_code = 40
    name = "no_rule"


class NotAllowed(AppealsError):
    """Not allowed to this account, or a second person is needed."""

    exit_code = 50
    name = "not_allowed"


class NoDatabase(AppealsError):
    """There is no database here, or it is older than this program."""

    exit_code = 60
    name = "no_database"


class NewerDatabase(AppealsError):
    """A newer release wrote this database."""

    exit_code = 61
    name = "newer_database"


class CannotWrite(AppealsError):
    """The place cannot be written."""

    exit_code = 73
    name = "cannot_write"


class StorageError(AppealsError):
    """The disk failed, or the database is damaged."""

    exit_code = 74
    name = "io_error"


class StaleCase(AppealsError):
    """Somebody else moved the case between our read and our write, or the database stayed busy."""

    exit_code = 75
    name = "try_again"


class Overtaken(StaleCase):
    """Somebody else opened a case or made a patient, payer or coverage known while this was being decided."""


class BadConfiguration(AppealsError):
    """The configuration or the environment is wrong."""

    exit_code = 78
    name = "configuration"
