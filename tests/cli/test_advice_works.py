"""What a message advises works in the very command that gave it."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace

import pytest

from dfsrt.cli.program import run_program
from dfsrt.run import live_requests


@pytest.fixture
def typed(capsys, tmp_path, monkeypatch):
    """What comes of a command in an empty folder: its exit code, and all that it says."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)

    def run(command):
        code = run_program(command.split(), SimpleNamespace(number=None))
        said = capsys.readouterr()
        return code, " ".join((said.out + said.err).split())

    yield run
    os.environ.clear()  # libraries set variables, with which other tests would begin from nothing
    os.environ.update(before)


@pytest.mark.parametrize(
    ("command", "advice", "follows"),
    [
        ("battery digits", "use 'dfsrt run digits'", "run digits"),
        ("replay digits", "use 'dfsrt run digits'", "run digits"),
        ("run digits --drop late", "make a trace of them", "run digits"),
        ("run digits --samples 3", "leave it out", "run digits"),
        ("run digits -g ,", "name at least one, like 'dfs'", "run digits -g dfs"),
        ("run digits --cap-at 1ms", "like --cap-at 20ms=0.6W", "run digits --cap-at 20ms=0.6W"),
        ("run digits --until soon", "give a time above 0 like '8 h'", "run digits --until 8ms"),
        ("run digits --until soon", "or '1000 requests'", "run digits --until 10requests"),
        ("run digits --precision w5", "like w4a16", "run digits --precision w4a16"),
        ("layers llm:llama-3.2-1b", ":phase=decode", "layers llm:llama-3.2-1b:phase=decode"),
        ("layers digits --dram ddr3-1600", "like -d mdla",
         "layers digits --dram ddr3-1600 -d mdla"),
        ("layers bert-base --dim batch", "like --dim batch=1", "layers bert-base --dim batch=1"),
        ("memory stream --dram ddr3-1600 --visit same", "same-bank",
         "memory stream --dram ddr3-1600 --visit same-bank"),
        ("measure -o a.parquet --sweep 0 --per-network 0", "raise one",
         "measure -o a.parquet --sweep 2 --per-network 0 --dry-run"),
        ("measure -o a.json.gz --whole", "leave out --whole",
         "measure -o a.parquet --sweep 1 --per-network 0 --dry-run"),
        ("measure -o a.parquet --batch 0", "write it like 8,",
         "measure -o a.parquet --batch 8 --sweep 1 --per-network 0 --dry-run"),
        ("measure -o a.csv", "like 'samples.parquet'", "measure -o samples.parquet --dry-run"),
        ("sweep", "--network and what to vary", "sweep --network digits --cap 1W --frames 1"),
        ("run digits --json a/b.json", "create it first", "run digits --json b.json"),
        ("run digits --log a.csv", "like 'log.parquet'", "run digits --log log.parquet"),
        ("list netwrks", "did you mean 'networks'?", "list networks"),
        ("completion csh", "bash", "completion bash"),
    ],
)  # fmt: skip
def test_what_an_error_advises_works(typed, command, advice, follows):
    code, said = typed(command)
    assert (code, advice in said) == (2, True), said
    code, said = typed(follows)
    assert code == 0, said


def test_a_cap_of_the_wrong_size_is_told_the_one_that_is_meant(typed):
    _, said = typed("run digits --cap 800W")
    (cap,) = re.findall(r"give (--cap \S+\w)", said)
    code, said = typed(f"run digits {cap}")
    assert code == 0
    assert "give --cap" not in said


def test_idle_time_that_costs_is_told_who_would_save_it(typed):
    _, said = typed("run digits --period 33ms")
    (idle,) = re.findall(r"see (--idle \w+)", said)
    code, said = typed(f"run digits --period 33ms {idle}")
    assert code == 0
    assert "see --idle" not in said


def test_the_mapper_and_schedule_that_move_least_are_ones_that_can_be_named(typed):
    _, said = typed("memory digits")
    advised = re.findall(r"--(?:mapper|schedule) [\w-]+", said)
    assert advised
    assert typed(f"memory digits --no-policies {' '.join(advised)}")[0] == 0


@pytest.mark.parametrize("way", ["--period 3ms", "--period 1us --until 100us"])
def test_a_queue_without_end_is_told_ways_that_end_it(typed, monkeypatch, way):
    monkeypatch.setattr(live_requests, "MOST_WAITING", 512)
    code, said = typed("run digits --period 1ns -n 4000")
    assert code == 2
    assert "--period" in said
    assert "--until" in said
    assert typed(f"run digits -n 4000 {way}")[0] == 0
