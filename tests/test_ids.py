"""Ids and nonces: what they are made of."""

import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appeals.ids import Ids

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]


def test_ids_are_uuids_of_version_7_that_begin_with_the_millisecond_and_differ_in_it():
    made = [uuid.UUID(Ids(clock=lambda: AT).new_id()) for _ in range(2000)]
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {uuid.RFC_4122}
    assert {one.int >> 80 for one in made} == {int(AT.timestamp() * 1000)}
    assert len(set(made)) == len(made)


def test_an_id_made_later_sorts_later():
    early, late = (Ids(clock=lambda at=at: at).new_id() for at in (AT, AT + timedelta(milliseconds=1)))
    assert early < late


def test_every_bit_of_an_id_and_of_a_nonce_that_is_random_is_sometimes_set_and_sometimes_not():
    ids = Ids(clock=lambda: AT)
    for random, made in ((74, [uuid.UUID(ids.new_id()).int for _ in range(200)]), (128, [int(ids.new_nonce(), 16) for _ in range(200)])):
        ever = always = made[0]
        for one in made[1:]:
            ever, always = ever | one, always & one
        assert (ever & ~always).bit_count() == random


def test_a_seed_repeats_every_id_and_nonce_and_another_seed_none():
    def run(seed):
        ids = Ids(clock=lambda: AT, seed=seed)
        return [ids.new_id(), ids.new_nonce(), ids.new_id()]

    assert run("one") == run("one")
    assert not set(run("one")) & set(run("two"))


def test_help_pays_for_neither_hashes_nor_random_numbers():
    heavy = "{'hashlib', 'random', 'secrets', 'sqlalchemy'} & {*sys.modules}"
    said = f"import sys, cli\ncli.run_command(['--help'])\nprint({heavy}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"
