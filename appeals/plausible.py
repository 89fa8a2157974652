"""Facts of one claim that can never be true together, whoever typed them and in whichever command. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from appeals.errors import ImpossibleValue

DATES = ("service_from", "service_to", "submitted", "notice")  # the facts `dates` is about


def dates(*, service_from: date | None, service_to: date | None, submitted: date | None, notices: Iterable[date] = ()) -> None:
    """Refuse a service that ends before it begins, and a claim the payer had only after it denied it. Raises ImpossibleValue."""
    if service_from and service_to and service_to < service_from:
        raise ImpossibleValue(
            f"The service would end on {service_to}, before it began on {service_from}.", "Check `--service-from` and `--service-to`."
        )
    first = min(notices, default=None)
    if submitted and first and submitted > first:
        raise ImpossibleValue(
            f"The payer would have had the claim on {submitted}, after its notice of {first}.", "Check `--submitted` and `--notice`."
        )
