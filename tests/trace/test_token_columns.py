"""Tokens of requests for language models: columns, checks by row, round trips, transforms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.trace import NO_DEADLINE, Trace, TraceCard, load_trace, mixed, repeated, scaled
from dfsrt.trace.write import trace_table, write_trace

MODEL = "llm:llama-3.2-1b"


@st.composite
def token_traces(draw):
    """Traces of a network and a language model, in any order."""
    rows = draw(st.lists(st.tuples(
        st.booleans(), st.integers(1, 131_072), st.integers(1, 2**31)), min_size=1, max_size=8,
    ))  # fmt: skip
    model = np.array([row[0] for row in rows])
    used = tuple(dict.fromkeys(MODEL if m else "a" for m in model))
    workload = np.array([used.index(MODEL if m else "a") for m in model])
    n = len(rows)
    zero = np.zeros(n, dtype=np.int64)
    tokens = (np.where(model, np.array([row[k] for row in rows]), 0) for k in (1, 2))
    card = TraceCard("t", "synthetic", "d", "s", n)
    return Trace(card, used, np.arange(n), workload, zero + NO_DEADLINE, zero, zero, *tokens)


def columns_of(trace):
    return trace.prompt_tokens.tolist(), trace.output_tokens.tolist()


@given(token_traces())
def test_tokens_come_back_from_csv_and_parquet(tmp_path_factory, trace):
    folder = tmp_path_factory.mktemp("t")
    write_trace(trace, folder / "csv")
    pq.write_table(trace_table(trace), folder / "t.parquet")
    assert columns_of(load_trace(folder / "csv")) == columns_of(trace)
    assert columns_of(load_trace(folder / "t.parquet")) == columns_of(trace)


def test_a_trace_of_networks_alone_has_no_tokens_and_no_columns_of_them(tmp_path):
    (tmp_path / "t.csv").write_text("arrival_ms,workload\n0,resnet50\n3,resnet50\n")
    trace = load_trace(tmp_path / "t.csv")
    assert columns_of(trace) == ([0, 0], [0, 0])
    assert "prompt_tokens" not in trace_table(trace).column_names


@given(token_traces())
def test_transforms_keep_each_requests_tokens(trace):
    assert columns_of(repeated(trace, 3)) == tuple(3 * column for column in columns_of(trace))
    assert columns_of(scaled(trace, 2.0)) == columns_of(trace)
    both = mixed([trace, scaled(trace, 0.0001)], trace.card)
    pairs = list(zip(*columns_of(trace), strict=True))
    assert sorted(zip(*columns_of(both), strict=True)) == sorted(2 * pairs)


@pytest.mark.parametrize(
    ("rows", "row", "says"),
    [
        ("0,llm:x,5,6\n1,llm:x,,6\n", 3, "llm:x has no prompt_tokens; give 1 or more"),
        ("0,llm:x,5,0\n", 2, "llm:x has no output_tokens; give 1 or more"),
        ("0,resnet50,,\n1,resnet50,,9\n", 3, "resnet50 is no language model, but has output_tok"),
        ("0,llm:x:phase=decode,5,9\n", 2, "llm:x:phase=decode is no language model, but has prom"),
        ("0,llm:x,5,6\n1,llm:x,-7,6\n", 3, "prompt_tokens -7 is out of range"),
        ("0,llm:x,5,99999999999\n", 2, "output_tokens 99999999999 is out of range"),
    ],
)
def test_a_row_whose_tokens_do_not_fit_is_named(tmp_path, rows, row, says):
    path = tmp_path / "t.csv"
    path.write_text("arrival_ms,workload,prompt_tokens,output_tokens\n" + rows)
    with pytest.raises(InputError) as error:
        load_trace(path)
    assert str(error.value).startswith(f"trace '{path}', row {row}: {says}")


def test_a_model_without_columns_of_tokens_and_tokens_that_are_no_numbers_are_refused(tmp_path):
    (tmp_path / "t.csv").write_text("arrival_ms,workload\n0,llm:x\n")
    with pytest.raises(InputError, match=r"row 2: llm:x has no prompt_tokens"):
        load_trace(tmp_path / "t.csv")
    table = {"arrival_ns": [0], "workload": ["llm:x"], "prompt_tokens": [1.5], "output_tokens": [1]}
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    with pytest.raises(InputError, match="prompt_tokens holds no whole numbers"):
        load_trace(tmp_path / "t.parquet")


def test_a_models_own_configuration_lies_beside_the_trace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = np.ones(1, dtype=np.int64)
    card = TraceCard("t", "synthetic", "d", "s", 1)
    trace = Trace(card, ("llm:my.toml",), one, 0 * one, -one, one, one, one, one)
    (tmp_path / "sub").mkdir()
    write_trace(trace, Path("sub/t"))
    assert "llm:../../my.toml" in (tmp_path / "sub" / "t" / "trace.csv").read_text()
    assert load_trace("sub/t").workloads == ("llm:my.toml",)
