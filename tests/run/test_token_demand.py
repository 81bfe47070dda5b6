"""What requests ask of a language model: passes, blocks, room, and what is refused."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.network.passes import language_model
from dfsrt.run import execute, make_job
from dfsrt.run.batching import Batching
from dfsrt.run.language import cache_limit, open_language
from dfsrt.run.outlook import first_view
from dfsrt.run.rules import parse_rules
from dfsrt.run.token_demand import TokenDemand
from dfsrt.trace.trace import Trace, TraceCard

MODEL = "llm:qwen2.5-0.5b"


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(1, 70)), min_size=1, max_size=5),
    st.integers(1, 40),
)
def test_average_blocks_are_those_of_all_passes_one_by_one(requests, chunk):
    prompt, tokens = (np.array(column) for column in zip(*requests, strict=True))
    demand = TokenDemand(prompt, tokens)
    reading, writing = [], []
    for p, t in requests:
        reading += [math.ceil(past / 16) for past in range(0, p, chunk)]
        writing += [math.ceil((p + k) / 16) for k in range(t - 1)]
    assert demand.prefill_blocks(chunk) == pytest.approx(np.mean(reading))
    assert demand.decode_blocks() == pytest.approx(np.mean(writing) if writing else 0.0)
    assert demand.passes(chunk).tolist() == [math.ceil(p / chunk) + t - 1 for p, t in requests]


def test_graphs_of_a_batch_are_powers_of_two_up_to_its_budget():
    assert Batching(budget=6).sizes == (6, 4, 2, 1)
    assert Batching(budget=8).sizes == (8, 4, 2, 1)
    assert Batching(budget=1).sizes == (1,)


def test_a_chunk_is_as_long_as_the_longest_prompt_or_as_said():
    demand = TokenDemand(np.array([3, 70]), np.array([1, 1]))
    assert open_language(MODEL).chunk_for(demand) == 128
    assert open_language(f"{MODEL}:chunk=32").chunk_for(demand) == 32
    long = TokenDemand(np.array([5_000]), np.array([1]))
    assert open_language(MODEL).chunk_for(long) == 512


def test_what_governors_are_told_of_time_is_what_a_run_takes():
    """Sums of expected layer times, over passes, against a run at the highest clock."""
    job = make_job(MODEL, prompt=70, tokens=40, frames=1, device="rk3588-npu", cap="none")
    run = execute(job, "performance")
    view = first_view(job.table, job.power_cap)
    calls = [run.book.of_layers(*section)[0] for section in job.table.sections]
    assert calls == [1, 39]
    told_ns = sum(
        count * int(view.of_layers(*section).duration_ns[:, -1].sum())
        for count, section in zip(calls, job.table.sections, strict=True)
    )
    assert told_ns == pytest.approx(run.book.span_ns, rel=1e-4)


def test_bytes_of_a_run_are_weights_for_each_pass_and_a_cache_that_grows():
    """A closed form: keys and values of 16 tokens a block, of all layers, beside a pass's own."""
    first, last = (
        execute(
            make_job(MODEL, prompt=1, tokens=tokens, frames=1, device="rk3588-npu"), "performance"
        ).book
        for tokens in (1, 1 + 64 + 1)
    )
    table = last.table

    def moved(book):
        return int((book.runs.sum(axis=1) * table.load.dram_bytes).sum())

    decode = slice(*table.sections[-1])
    own = int(table.load.dram_bytes[decode][table.grows[decode] == 0].sum())
    # Passes see 1 to 65 tokens: 16 times 1, 2, 3 and 4 blocks, and once 5.
    blocks = 16 * (1 + 2 + 3 + 4) + 5
    cache = blocks * 16 * language_model(MODEL).kv_bytes_per_token
    assert moved(last) - moved(first) == 65 * own + cache


def trace_of(prompt, tokens, workload=MODEL):
    zero = np.zeros(len(prompt), dtype=np.int64)
    card = TraceCard("asked", "synthetic", "for tests", "", 10**9)
    arrival = np.arange(len(prompt))
    return Trace(
        card, (workload,), arrival, zero, zero - 1, zero, zero, np.array(prompt), np.array(tokens)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("load", "said", "message"),
    [
        (MODEL, {"prompt": 0}, "prompt 0 is out of range; give 1 or more tokens"),
        (MODEL, {"tokens": -2}, "tokens -2 is out of range"),
        (MODEL, {"prompt": 40_000}, "more than the 32,768 that .* attends to; give fewer"),
        (f"{MODEL}:chunk=x", {}, "chunk=x is out of range; give 1 to 4,096 tokens"),
        (trace_of([4, 4], [1, 0]), {}, "request 1 of trace 'asked' has a prompt of 4 and 0 tokens"),
        (trace_of([4, 40_000], [1, 1]), {}, "request 1 of trace 'asked' has a prompt of 40,000"),
        (
            trace_of([4, 400], [1, 1]),
            {"discipline": "continuous:budget=2,kv_bytes=1000000"},
            "hold 81 tokens, one request needs 401; give 4,927,488 or more",
        ),
        (trace_of([0, 4], [0, 1], "squeezenet"), {}, "request 1 .* no language model; give it 0"),
        (trace_of([4], [2], f"{MODEL}:phase=decode"), {}, "request 0 .* no language model"),
        ("resnet50", {"tokens": 3}, "only a language model reads a prompt"),
        ("camera-detection", {"discipline": "continuous"}, "is for requests of one language model"),
    ],
)
def test_what_a_model_cannot_serve_is_refused_before_it_runs(load, said, message):
    with pytest.raises(InputError, match=message):
        execute(make_job(load, device="rk3588-npu", **said), "performance")


def test_governors_that_go_by_what_is_left_to_do_are_refused():
    with pytest.raises(InputError, match="end when they have written enough"):
        execute(make_job(MODEL, deadline="1s", device="rk3588-npu"), "pace")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("continuous:budget=0", "budget '0' is no whole number above 0"),
        ("continuous:kv_bytes=1GB", "above 0; give one like kv_bytes=1000000000"),
        ("continuous:budget=9999", "budget 9999 is out of range; give 1 to 4,096"),
        ("continuous:bugdet=4", "unknown option of continuous 'bugdet'"),
        ("fifo:budget=4", "has no options; only continuous has"),
        ("fastest", "unknown discipline 'fastest'"),
    ],
)
def test_a_batching_that_cannot_be_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        parse_rules(text, "none", False)


def test_a_cache_has_room_for_as_many_tokens_as_its_bytes_hold():
    model, demand = language_model(MODEL), TokenDemand(np.array([10]), np.array([5]))
    each = model.kv_bytes_per_token
    assert cache_limit(model, demand, Batching(kv_bytes=20 * each + 1)) == 20
    assert cache_limit(model, demand, Batching()) is None


def test_a_scenario_says_how_many_tokens_its_requests_have(tmp_path):
    shelf = (Path(__file__).parents[2] / "dfsrt/run/shelf/camera-detection-phone.toml").read_text()
    said = f'workload = "{MODEL}"\nevery = "20 s"\nprompt = 20\ntokens = 3'
    file = tmp_path / "assistant.toml"
    file.write_text(re.sub(r'trace = ".*"', said, shelf))
    run = execute(make_job(str(file), until="50 s"))
    tokens = run.book.requests.whole.tokens
    assert (run.book.frames, tokens.prompt, tokens.written) == (3, 60, 9)
    assert run.book.of_layers(*run.job.table.sections[-1])[0] == 3 * 2
    file.write_text(re.sub(r'trace = ".*"', 'workload = "resnet50"\nprompt = 20', shelf))
    with pytest.raises(InputError, match="for a workload that is a language model"):
        make_job(str(file))
