"""The scenario of an assistant on a phone: a language model that sleeps between requests."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.trace import load_trace

BYTES_A_TOKEN = 1_235_746_816 * 4.5 / 8
"""Weights of Llama-3.2-1B that a token reads, output head included: 4 bits and a scale for 32."""
BYTES_PER_S = 14.0e9


def test_two_requests_take_what_the_memory_gives_and_the_rail_is_off_before_them():
    report = dfsrt.run("assistant-phone", until="2 requests", step="layer").report
    first = load_trace("assistant-day")
    tokens = report.tokens
    assert tokens is not None and report.battery is not None
    assert tokens.prompt == first.prompt_tokens[:2].sum()
    assert tokens.written == first.output_tokens[:2].sum()
    # A token of an answer takes at least its weights' time on the bus, and not much more.
    assert tokens.tpot_s == pytest.approx(BYTES_A_TOKEN / BYTES_PER_S, rel=0.06)
    assert tokens.tpot_s > BYTES_A_TOKEN / BYTES_PER_S
    assert not any("no decoder" in note for note in report.notes)
    assert report.battery.life_s > first.arrival_ns[1] * 1e-9
