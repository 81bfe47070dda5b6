"""Logs of requests for language models: Azure's, BurstGPT's and Mooncake's, whole and damaged."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.trace.requests import Choice, imported_trace
from dfsrt.trace.requests.formats import format_of

MODEL = "llm:llama-3.2-1b"
AZURE = """TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 23:59:59.1234567,350,20
2023-11-17 00:00:00.1234567,90,7
2023-11-17 00:00:02.0000000,1200,300
"""
MULTIMODAL = """TIMESTAMP,NumImages,ContextTokens,GeneratedTokens
2024-10-15 00:00:00+00:00,2,3000,100
2024-10-15 00:00:01.500000+00:00,0,80,9
"""
BURST = """Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
5,Alpha,400,18,418,Conversation log
45.5,Beta,90,0,90,API log
60,Alpha,70,33,103,API log
"""
SESSIONS = """Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Log Type
1,ann,2.5,Alpha,10,1,Conversation log
2,bob,0.5,Alpha,20,2,Conversation log
3,ann,1.5,Alpha,30,3,Conversation log
"""
MOONCAKE = """{"timestamp": 0, "input_length": 6500, "output_length": 50, "hash_ids": [0, 1, 2]}
{"timestamp": 3052, "input_length": 7000, "output_length": 700, "hash_ids": [0, 1, 5]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


def read(folder, text, kind="auto", **choice):
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "log").write_bytes(data)
    return imported_trace(folder / "log", MODEL, "log", Choice(**choice), kind)


def rows(trace):
    columns = (trace.arrival_ns, trace.prompt_tokens, trace.output_tokens)
    return list(zip(*(c.tolist() for c in columns), strict=True))


def refusal(folder, text, kind="auto", **choice):
    with pytest.raises(InputError) as caught:
        read(folder, text, kind, **choice)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_azures_dates_count_from_the_first_request_to_the_last_digit(folder):
    trace, about = read(folder, AZURE)
    assert rows(trace) == [(0, 350, 20), (1_000_000_000, 90, 7), (2_876_543_300, 1200, 300)]
    assert about == {"format": "azure"}
    assert (trace.card.kind, trace.card.duration_ns) == ("recorded", 2_876_543_300)
    assert (trace.workloads, set(trace.session.tolist())) == ((MODEL,), {0})


def test_the_multimodal_log_says_that_its_images_are_not_run(folder):
    trace, about = read(folder, MULTIMODAL)
    assert rows(trace) == [(0, 3000, 100), (1_500_000_000, 80, 9)]
    assert "images" in about["NumImages"]


def test_burstgpts_failures_are_counted_and_left_out(folder):
    trace, about = read(folder, BURST)
    assert rows(trace) == [(0, 400, 18), (55_000_000_000, 70, 33)]
    assert about["failures left out"] == "1 with no output"


def test_burstgpts_sessions_are_kept_where_it_has_them(folder):
    trace, about = read(folder, SESSIONS)
    assert trace.session.tolist() == [0, 1, 0]
    assert {"format", "Model", "Elapsed time"} == set(about)


def test_mooncakes_lines_are_milliseconds_and_shared_prompts_are_said(folder):
    trace, about = read(folder, MOONCAKE)
    assert rows(trace) == [(0, 6500, 50), (3_052_000_000, 7000, 700)]
    assert "worked out in full" in about["hash_ids"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(AZURE, "azure"), (MULTIMODAL, "azure"), (BURST, "burstgpt"), (MOONCAKE, "mooncake")],
)
def test_a_log_is_told_by_its_beginning_in_any_wrapping(folder, text, kind):
    plain, _ = read(folder, text)
    for data in (
        b"\xef\xbb\xbf" + text.encode(),
        text.replace("\n", "\r\n").encode(),
        gzip.compress(text.encode()),
        text.rstrip().encode(),
    ):
        (folder / "log").write_bytes(data)
        assert format_of(folder / "log") == kind
        assert rows(read(folder, data)[0]) == rows(plain)


DAMAGED = {
    "2023-11-17 00:00:01,90\n": "2 cells, not 3",
    "2023-11-17 00:00:01,90,7,1\n": "4 cells, not 3",
    "2023-11-17 00:00:01,-90,7\n": "is no time and tokens",
    "2023-11-17 00:00:01,0,7\n": "is no time and tokens",
    "2023-11-17 00:00:01,90,\n": "is no time and tokens",
    "2023-11-17 00:00:01,90,nan\n": "is no time and tokens",
    "2023-11-17 00:00:01,90,99999999999\n": "is no time and tokens",
    "2023-13-17 00:00:01,90,7\n": "is no time and tokens",
    "yesterday,90,7\n": "is no time and tokens",
    "\x00\xff\ud7ff,90,7\n": "is no time and tokens",
}


@pytest.mark.parametrize("bad", DAMAGED)
def test_one_bad_row_among_good_ones_is_left_out_and_said_with_its_number(folder, bad):
    head, first, *rest = AZURE.splitlines(keepends=True)
    trace, about = read(folder, head + first + bad + "".join(rest))
    assert rows(trace) == rows(read(folder, AZURE)[0])
    assert about["rows left out"].startswith("1 (row 3: ")
    assert DAMAGED[bad] in about["rows left out"]


@pytest.mark.parametrize(
    "bad",
    ["{", '{"timestamp": 1}', '{"timestamp": 1, "input_length": 0, "output_length": 3}', "[1]",
     '{"timestamp": 1e300, "input_length": 5, "output_length": 3}', '{"input_length": "a"}'],
)  # fmt: skip
def test_one_bad_line_of_json_is_left_out_and_said(folder, bad):
    trace, about = read(folder, MOONCAKE + bad + "\n")
    assert len(trace) == 2
    assert about["rows left out"].startswith("1 (line 3: ")


def test_requests_out_of_order_are_sorted_and_said(folder):
    lines = AZURE.splitlines(keepends=True)
    trace, about = read(folder, lines[0] + "".join(reversed(lines[1:])))
    assert rows(trace) == rows(read(folder, AZURE)[0])
    assert about["rows out of order"] == "2, sorted"


def test_what_is_no_log_or_damaged_beyond_use_is_refused(folder):
    assert "is empty" in refusal(folder, "")
    assert "begins like none of: azure, burstgpt, mooncake" in refusal(folder, "a,b\n1,2\n")
    assert "no column GeneratedTokens" in refusal(folder, "TIMESTAMP,ContextTokens\n", "azure")
    assert "holds no request" in refusal(folder, AZURE.partition("\n")[0] + "\n")
    half = AZURE + 4 * "x,y,z\n"
    assert "4 of 7 rows are so" in refusal(folder, half)
    assert "unknown format 'azur'" in refusal(folder, AZURE, "azur")
    failed = refusal(folder, "Timestamp,Request tokens,Response tokens\n1,5,0\n")
    assert "failures left out: 1 with no output" in failed
    with pytest.raises(InputError, match="does not exist"):
        imported_trace(folder / "none", MODEL, "x", Choice())


@given(st.data())
def test_a_window_and_most_take_what_a_loop_takes(folder, data):
    ms = data.draw(st.lists(st.integers(0, 9000), min_size=1, max_size=12))
    since, span = data.draw(st.integers(0, 3000)), data.draw(st.integers(1, 9000))
    most = data.draw(st.integers(1, 12))
    lines = [json.dumps({"timestamp": t, "input_length": i + 1, "output_length": 1})
             for i, t in enumerate(ms)]  # fmt: skip
    wanted = []
    for i, t in enumerate(ms):
        if since <= t - ms[0] < since + span and len(wanted) < most:
            wanted.append((t - ms[0] - since, i + 1))
    choice = {"since_ns": since * 10**6, "until_ns": (since + span) * 10**6, "most": most}
    if since == 0:  # nothing is cut off before it
        choice["until_ns"], wanted = None, [(t - min(ms[:most]), i + 1) for i, t in
                                            enumerate(ms[:most])]  # fmt: skip
    if not wanted:
        refusal(folder, "\n".join(lines), **choice)
        return
    trace, _ = read(folder, "\n".join(lines), **choice)
    found = [(t // 10**6, prompt) for t, prompt, _ in rows(trace)]
    assert found == sorted(wanted, key=lambda row: row[0])


def test_requests_over_the_context_are_left_out_or_clipped_and_said(folder):
    trace, about = read(folder, AZURE, context=200)
    assert rows(trace) == [(0, 90, 7)]
    assert about["requests over 200 tokens"] == "2 left out"
    trace, about = read(folder, AZURE, context=200, over="clip")
    assert [row[1:] for row in rows(trace)] == [(180, 20), (90, 7), (1, 199)]
    assert about["requests over 200 tokens"] == "2 clipped"
    assert "requests over 20 tokens: 3 left out" in refusal(folder, AZURE, context=20)


def test_a_choice_that_is_none_is_refused():
    for bad in ({"most": 0}, {"context": 1}, {"over": "drop"}, {"since_ns": 5, "until_ns": 5}):
        with pytest.raises(InputError):
            Choice(**bad)


def test_a_log_of_many_blocks_is_read_whole(folder, monkeypatch):
    monkeypatch.setattr("dfsrt.trace.requests.table.BLOCK", 1 << 12)
    monkeypatch.setattr("dfsrt.trace.requests.mooncake.ROWS", 100)
    n = 2_500
    burst = "Timestamp,Session ID,Request tokens,Response tokens\n" + "".join(
        f"{i},{i % 7},{i + 1},{i % 50 + 1}\n" for i in range(n)
    )
    trace, _ = read(folder, burst)
    assert trace.prompt_tokens.tolist() == list(range(1, n + 1))
    assert np.array_equal(trace.session, np.arange(n) % 7)
    lines = "".join(
        f'{{"timestamp":{i},"input_length":{i + 1},"output_length":1}}\n' for i in range(n)
    )
    assert read(folder, lines)[0].prompt_tokens.tolist() == list(range(1, n + 1))
