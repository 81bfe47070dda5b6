"""Tokens in reports: from requests one by one, in JSON and for people."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

import dfsrt
from dfsrt.report.queue_table import stages_grid
from dfsrt.report.run_table import run_grids

MODEL = "llm:qwen2.5-0.5b"


@pytest.fixture(scope="module")
def result():
    return dfsrt.run(
        MODEL, prompt=40, tokens=6, frames=4, period="100ms", deadline="700ms", cap="none",
        device="rk3588-npu", governor="performance", detail="request",
    )  # fmt: skip


def test_times_and_rates_of_tokens_are_those_of_the_requests(result):
    ended, tokens, report = result.run.requests, result.report.tokens, result.report
    assert ended.tokens.tolist() == [6] * 4
    first_s = (ended.first_ns - ended.arrival_ns) * 1e-9
    each_s = (ended.finish_ns - ended.first_ns) / 5 * 1e-9
    assert (tokens.prompt, tokens.written) == (160, 24)
    assert tokens.ttft_s == pytest.approx(np.median(first_s))
    assert tokens.ttft_spread_s.max == pytest.approx(first_s.max())
    assert tokens.tpot_s == pytest.approx(np.median(each_s), abs=1e-9)
    assert tokens.longest_gap_s == pytest.approx(ended.gap_ns.max() * 1e-9)
    assert tokens.per_s == pytest.approx(24 / report.time_s)
    assert tokens.per_s_user == pytest.approx(1 / np.median(each_s), rel=1e-6)
    met = (ended.finish_ns - ended.arrival_ns <= 700_000_000).sum()
    assert 0 < met < 4
    assert tokens.goodput_per_s == pytest.approx(met / report.time_s)


def test_energy_of_a_token_is_that_of_the_run_and_prompts_have_their_share(result):
    tokens, report = result.report.tokens, result.report
    assert tokens.energy_per_token_j * 24 == pytest.approx(report.energy_j)
    assert tokens.energy_per_token_all_j * 24 == pytest.approx(report.energy_by_domain_j.total)
    assert tokens.per_s_per_w == pytest.approx(tokens.per_s / report.power_w.avg)
    prefill, decode = report.stages
    assert (prefill.name, decode.name) == ("prefill", "decode")
    assert (prefill.calls, decode.calls) == (4, 20)
    busy_j = prefill.energy_j + decode.energy_j
    assert tokens.prompt_share == pytest.approx(prefill.energy_j / busy_j)


def test_people_and_programs_are_told_of_tokens(result):
    rows = {row[0]: row[1:] for row in run_grids(result.report)[0].rows}
    assert rows["first token"][0] and "longest gap" in rows["each token"][1]
    assert rows["tokens a second"][1].startswith("24 written, 160 read")
    assert "in all domains" in rows["energy a token"][1]
    assert "met their deadlines" in rows["goodput"][1]
    told = msgspec.json.decode(result.to_json())
    assert told["kind"] == "language model"
    assert told["tokens"]["ttft_s"] == pytest.approx(result.report.tokens.ttft_s)


def test_of_passes_that_requests_share_people_are_told_those_that_came(result):
    came = msgspec.structs.replace(result.report.stages[0], name="pass of 8")
    never = msgspec.structs.replace(came, name="pass of 16", calls=0)
    plain = msgspec.structs.replace(never, name="decode")
    assert [row[0] for row in stages_grid([came, never, plain]).rows] == ["pass of 8", "decode"]


def test_other_networks_have_no_tokens():
    report = dfsrt.run("tiny-keywords", frames=1).report
    assert report.tokens is None
    assert not [row for row in run_grids(report)[0].rows if "token" in row[0]]


def test_requests_that_share_passes_have_all_their_tokens_and_no_share_of_prompts(result):
    together = dfsrt.run(
        MODEL, prompt=40, tokens=6, frames=4, period="100ms", cap="none", device="rk3588-npu",
        governor="performance", discipline="continuous:budget=4", detail="request",
    )  # fmt: skip
    tokens = together.report.tokens
    assert (tokens.written, tokens.prompt_share) == (24, None)
    assert [stage.name for stage in together.report.stages] == [f"pass of {n}" for n in (4, 2, 1)]
    assert math.isclose(tokens.prompt, 160)
    assert together.report.time_s > 0


def test_a_model_whose_one_pass_answers_goes_by_its_own_name():
    report = dfsrt.run(MODEL, prompt=1, tokens=1, frames=1, device="rk3588-npu", cap="none").report
    assert report.network == MODEL
