"""Every reader under a fuzzer that is guided by coverage (`make soak`), and on every run the files it starts from.

`FUZZ_SECONDS` is how long each target is driven. What it finds is mended and kept as a test of the reader it was found in.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from seeds import SEEDS, seeds_of
from targets import check, targets

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("FUZZ_SECONDS", "300"))
MEMORY = 600  # MB a process may take, of which the fuzzer's own tables take most
LONGEST = 16_384  # bytes of one file it makes up
REFUSED = {"fhir": 1, "generic-claims": 1, "generic-lines": 1}  # seeds that are no such file, and are there to be refused


@pytest.mark.parametrize("name", targets())
def test_every_seed_is_read_by_its_target_and_nothing_is_wrong_with_what_comes_out(name):
    read = [check(targets()[name], seed) for seed in seeds_of(name)]
    assert read
    if name in SEEDS:
        assert read.count(False) == REFUSED.get(name, 0)


def test_what_breaks_a_promise_is_not_taken_for_a_refusal():
    def broken(stream):
        raise RecursionError(stream.read())

    with pytest.raises(RecursionError):
        check(broken, b"")


@pytest.mark.soak
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris is not installed: pip install -e '.[fuzz]'")
@pytest.mark.parametrize("name", targets())
def test_no_bytes_at_all_bring_a_reader_to_anything_but_values_or_a_refusal(name, tmp_path, capsys):
    options = [f"-max_total_time={SECONDS}", f"-rss_limit_mb={MEMORY}", f"-max_len={LONGEST}", "-timeout=20", "-print_final_stats=1"]
    ended = subprocess.run(
        [sys.executable, ROOT / "tests/fuzz/drive.py", name, tmp_path / "corpus", f"-artifact_prefix={tmp_path}/", *options],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        capture_output=True,
        check=False,
    )
    said = ended.stderr.decode(errors="replace") + ended.stdout.decode(errors="replace")
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", said))
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {stats.get('number_of_executed_units')} files, peak {stats.get('peak_rss_mb')} MB\n")
    found = [(path.name, path.read_bytes()) for path in tmp_path.glob("*-*") if path.is_file()]
    assert (ended.returncode, found) == (0, []), said[-4000:]
