"""Every reader on a few damaged files: each is read, or refused in an error of our own."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.campaign import Tally
from tests.fuzz.figures import BEGIN, END, with_row
from tests.fuzz.mutators import MUTATORS, mutant
from tests.fuzz.readers import READERS
from tests.fuzz.trial import LOADED, tried

INPUTS = 6
SECONDS = 60.0
SLOW = {"network", "samples", "recording-perfetto"}


@pytest.fixture(scope="module", autouse=True)
def nothing_is_kept():
    """No input goes into the cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", "/dev/null")
        yield


@pytest.mark.parametrize("name", READERS)
def test_a_sound_file_is_read(name, tmp_path):
    reader = READERS[name]
    path = tmp_path / reader.file
    path.write_bytes(reader.pack(reader.seeds()[0]))
    assert tried(reader, path, SECONDS).word == LOADED


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_refused(name, tmp_path):
    reader = READERS[name]
    corpus, path = reader.seeds(), tmp_path / reader.file

    @settings(max_examples=2 if name in SLOW else INPUTS, derandomize=True, deadline=None)
    @given(st.randoms(use_true_random=False))
    def check(chance):
        path.write_bytes(reader.pack(mutant(corpus, chance)))
        outcome = tried(reader, path, SECONDS)
        assert not outcome.failed, f"{outcome}: {path.read_bytes()[:2000]!r}"

    check()


@pytest.mark.parametrize("change", MUTATORS, ids=lambda f: f.__name__)
def test_mutators_take_whatever_bytes_there_are(change):
    for data in (b"", b"\n", b"a = 1", b'{"a": [1, 2]}', bytes(range(256))):
        for number in range(20):
            assert isinstance(change(data, random.Random(number)), bytes)


def test_the_same_seed_gives_the_same_inputs_and_another_gives_others():
    corpus = [b"a = 1\nb = 2\n" * 20]
    first, same, other = (
        [mutant(corpus, random.Random(f"{seed} {n}")) for n in range(30)] for seed in (1, 1, 2)
    )
    assert first == same != other


def test_a_readers_row_takes_the_place_of_its_last_one():
    page = f"a\n{BEGIN}\n{END}\nb\n"
    tally = Tally("heat", seed=1)
    tally.words.update({"loaded": 3, "refused": 4, "KeyError": 1})
    once = with_row(page, tally)
    assert "| heat | 8 | 1 | 3 | 4 | 1 |" in once
    assert with_row(once, tally) == once and once.startswith("a\n") and once.endswith("\nb\n")
