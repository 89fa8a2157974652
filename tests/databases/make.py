"""Makes the stored file of the schema of this program, once per schema: `python -m tests.databases.make`. Its people are made up."""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import replace
from pathlib import Path

from appeals import model
from db import schema
from db.opening import copy_database
from tests.test_store import JANE, PAYER, PROVIDER, TODAY, a_case, a_clock, found, insured, moving, opening

HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with found(Path(folder) / "made.db") as store:
            (case,) = store.apply([opening(a_case(claim_number="CLM-1"), JANE, PAYER, insured(JANE), PROVIDER)], request_id="1").cases
            denial = model.Denial(
                id="d1", practice_id="p1", case_id="c1", level=1, notice_date=TODAY, denied_cents=150_000, reasons="CO-50"
            )
            moved = moving(case, denial, state=model.State.DENIED, disputed_cents=150_000)
            store.apply([replace(moved, clocks=(a_clock(),))], request_id="2")
            copy_database(store.database, Path(folder) / "copy.db")
        target = HERE / f"schema-{schema.NUMBER:04d}.db.gz"
        target.write_bytes(gzip.compress((Path(folder) / "copy.db").read_bytes(), mtime=0))


if __name__ == "__main__":
    main()
