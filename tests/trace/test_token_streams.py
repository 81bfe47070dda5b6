"""Streams of requests with the statistics of Azure's traces: lengths, gaps, rates, seeds."""

from __future__ import annotations

import hashlib
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.trace import load_trace
from dfsrt.trace.asked_tokens import asked_lengths
from dfsrt.trace.day import day
from dfsrt.trace.token_lengths import clipped, token_lengths
from dfsrt.trace.token_stream import STREAMS, load_stream
from dfsrt.trace.token_trace import stream_trace

S, HOUR = 10**9, 3600 * 10**9
MODEL = "llm:llama-3.2-1b"
# Of the traces, as measured on them: rate, 10/50/90/99 % of prompt and output, gaps' variation.
PUBLISHED = {
    "azure-code": (2.567, (147, 1469, 5194, 7436), (7, 13, 55, 252), 13.2),
    "azure-conversation": (5.53, (207, 1020, 2735, 4142), (54, 129, 424, 601), 1.09),
}
KINDS = sorted(PUBLISHED)
DIGESTS = ["60259cc9115e8776", "c92b28aa69911300"]


def table(kind):
    return tomllib.loads((STREAMS / f"{kind}.toml").read_text())


class Modulated:
    """Gaps of a Markov-modulated Poisson process by its matrices, and short ones within batches."""

    def __init__(self, arrivals):
        self.together, self.apart = arrivals.get("together", 0.0), 0.002
        rates = np.array([arrivals["quiet_rate"], arrivals["busy_rate"]]) * (1 - self.together)
        leave = [1 / float(arrivals[name].split()[0]) for name in ("quiet", "busy")]
        switch = np.array([[-leave[0], leave[0]], [leave[1], -leave[1]]])
        stay = np.array([leave[1], leave[0]]) / sum(leave)
        self.first = stay * rates / (stay @ rates)
        self.rate = float(stay @ rates) / (1 - self.together)
        self.silent = switch - np.diag(rates)

    def variation(self):
        inverse = np.linalg.inv(-self.silent)
        short, alone = self.together, 1 - self.together
        square = 2 * (self.first @ inverse @ inverse).sum() * alone + 2 * self.apart**2 * short
        return float(np.sqrt(square * self.rate**2 - 1))

    def share_below(self, gap_s):
        values, vectors = np.linalg.eig(self.silent)
        weights = (self.first @ vectors) * np.linalg.solve(vectors, np.ones(2))
        later = (weights * np.exp(np.outer(gap_s, values))).sum(axis=1)
        return 1 - (1 - self.together) * later - self.together * np.exp(-gap_s / self.apart)


@pytest.fixture(scope="module")
def gaps_s():
    """Gaps of 60 hours of each kind, in seconds."""
    return {kind: np.diff(load_stream(kind).arrivals.draw(60 * HOUR, 1)) * 1e-9 for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_stated_process_has_the_published_rate_and_gap_variation(kind):
    process, (rate, _, _, variation) = Modulated(table(kind)["arrivals"]), PUBLISHED[kind]
    assert process.rate == pytest.approx(rate, rel=0.002)
    assert process.variation() == pytest.approx(variation, rel=0.01)
    assert load_stream(kind).arrivals.rate_hz == pytest.approx(process.rate, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_gaps_are_those_of_the_stated_process(kind, gaps_s):
    process, gaps = Modulated(table(kind)["arrivals"]), np.sort(gaps_s[kind])
    ranks = (np.arange(len(gaps)) + 0.5) / len(gaps)
    assert np.abs(process.share_below(gaps) - ranks).max() < 0.01
    assert gaps.std() / gaps.mean() == pytest.approx(process.variation(), rel=0.05)
    assert len(gaps) / (60 * 3600) == pytest.approx(process.rate, rel=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_lengths_have_the_published_percentiles_and_the_stated_distribution(kind):
    drawn = load_stream(kind).lengths.draw(100_000, [1])
    for found, name, published in zip(
        drawn, ("prompt", "output"), PUBLISHED[kind][1:3], strict=True
    ):
        assert np.percentile(found, (10, 50, 90, 99)) == pytest.approx(published, rel=0.03)
        shares, tokens = zip(*table(kind)[name], strict=True)
        # As many have at most k tokens as the line through the knots says at k and a half.
        k = np.unique(found)
        stated = np.interp(np.log(k + 0.5), np.log(tokens), shares)
        measured = np.searchsorted(np.sort(found), k, side="right") / len(found)
        assert np.abs(measured - stated).max() < 0.006  # 1 % level for 100,000


@pytest.mark.parametrize("kind", KINDS)
def test_prompt_and_output_are_drawn_apart(kind):
    prompt, output = load_stream(kind).lengths.draw(50_000, [2])
    ranks = [np.argsort(np.argsort(x)) for x in (prompt, output)]
    assert abs(np.corrcoef(*ranks)[0, 1]) < 0.02


def test_a_seed_gives_the_same_requests_for_ever():
    def digest(kind, seed):
        trace = stream_trace(kind, MODEL, HOUR // 10, seed, name="t")
        columns = (trace.arrival_ns, trace.prompt_tokens, trace.output_tokens)
        data = b"".join(np.ascontiguousarray(c, dtype="<i8").tobytes() for c in columns)
        return hashlib.sha256(data).hexdigest()[:16]

    assert [digest(kind, 1) for kind in KINDS] == DIGESTS
    assert digest("azure-code", 2) not in DIGESTS


@pytest.mark.parametrize("kind", KINDS)
def test_another_rate_stretches_time_and_keeps_the_variation(kind):
    arrivals = load_stream(kind).arrivals
    slow = arrivals.at_rate(arrivals.rate_hz / 8).draw(HOUR, 5)
    fast = arrivals.draw(HOUR // 8, 5)
    assert np.array_equal(slow // 8, fast) or np.abs(slow / 8 - fast).max() < 1e4
    found = stream_trace(kind, MODEL, 20 * HOUR, 3, rate_hz=1.0, name="t")
    assert len(found) / (20 * 3600) == pytest.approx(1.0, rel=0.1)


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=6), st.integers(0, 9))
def test_drawn_lengths_rise_with_the_share_and_stay_between_the_ends(tokens, seed):
    knots = list(zip(np.linspace(0, 1, len(tokens)).tolist(), sorted(tokens), strict=True))
    lengths = token_lengths(knots, "t")
    shares = np.sort(np.random.default_rng(seed).random(50))
    found = lengths.at(shares)
    assert (np.diff(found) >= 0).all()
    assert min(tokens) <= found[0] and found[-1] <= max(tokens)
    assert lengths.at(np.array([s for s, _ in knots])).tolist() == sorted(tokens)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(2, 4000))
def test_clipped_requests_fit_and_only_those_that_do_not_fit_are_changed(prompt, output, context):
    p, o = (int(x[0]) for x in clipped(np.array([prompt]), np.array([output]), context))
    assert 1 <= p <= prompt and 1 <= o <= output
    if prompt + output <= context:
        assert (p, o) == (prompt, output)
    else:
        assert p + o == context


BAD_KNOTS = (
    [], [(0, 5)], [(0, 5), (0.5, 6)], [(0.1, 5), (1, 6)], [(0, 5), (1, 4)], [(0, 0), (1, 4)],
    [(0, 5), (0.5, 5), (0.5, 6), (1, 7)], [(0, 1), (1, 10**12)],
)  # fmt: skip


@pytest.mark.parametrize("knots", BAD_KNOTS)
def test_knots_that_are_no_distribution_are_refused(knots):
    with pytest.raises(InputError):
        token_lengths(knots, "t")


def test_what_asks_for_no_tokens_or_in_two_ways_is_refused():
    with pytest.raises(InputError, match="is no language model"):
        asked_lengths("resnet50", 5, None, None, "t")
    with pytest.raises(InputError, match="not both"):
        asked_lengths(MODEL, 5, None, "assistant", "t")
    with pytest.raises(InputError, match="unknown stream of tokens 'azure'"):
        asked_lengths(MODEL, None, None, "azure", "t")
    assert asked_lengths("resnet50", None, None, None, "t") is None
    with pytest.raises(InputError, match="more than the 2,048 that"):
        asked_lengths("llm:tinyllama-1.1b", 2000, 60, None, "t")
    prompt, output = asked_lengths(MODEL, 7, None, None, "t").draw(3, [0])
    assert (prompt.tolist(), output.tolist()) == ([7, 7, 7], [32, 32, 32])


def test_a_stream_without_arrivals_or_with_bad_ones_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not say when requests come"):
        stream_trace("assistant", MODEL, HOUR, 0, name="t")
    with pytest.raises(InputError, match="rate 0 Hz is out of range"):
        stream_trace("azure-code", MODEL, HOUR, 0, rate_hz=0.0, name="t")
    text = (STREAMS / "azure-code.toml").read_text().replace("7.27\n", "0\n")
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(InputError, match="one of them above 0"):
        load_stream(str(tmp_path / "s.toml"))


def test_a_day_has_uses_of_a_language_model_with_tokens(tmp_path):
    (tmp_path / "d.toml").write_text(f"""
format = 1
description = "talks"
source = "assumed: by a test"
[[use]]
workload = "{MODEL}"
hours = ["8-20"]
per_day = 5
lasts = "10 min"
rate = 0.02
lengths = "assistant"
[[use]]
workload = "squeezenet"
rate = 0.01
""")
    found = day(3, str(tmp_path / "d.toml"))
    model = found.workload == found.workloads.index(MODEL)
    assert (found.prompt_tokens[model] > 0).all() and (found.output_tokens[model] > 0).all()
    assert not found.prompt_tokens[~model].any()
    assert "tokens assumed" in found.card.source
    again = day(3, str(tmp_path / "d.toml"))
    assert found.prompt_tokens.tolist() == again.prompt_tokens.tolist()


def test_drawn_requests_fit_the_models_context():
    found = stream_trace("azure-code", "llm:tinyllama-1.1b", HOUR, 1, name="t")
    whole = stream_trace("azure-code", MODEL, HOUR, 1, name="t")
    tokens = found.prompt_tokens + found.output_tokens
    assert tokens.max() == 2048 < (whole.prompt_tokens + whole.output_tokens).max()
    short = whole.prompt_tokens + whole.output_tokens <= 2048
    assert found.prompt_tokens[short].tolist() == whole.prompt_tokens[short].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_the_stated_lengths_and_gaps_are_those_of_the_trace_itself(kind):
    """The trace is on the shelf; its gaps are less even than the process makes them."""
    real, stated = load_trace(kind.replace("azure-", "azure-llm-")), table(kind)
    for found, name in ((real.prompt_tokens, "prompt"), (real.output_tokens, "output")):
        shares, tokens = zip(*stated[name], strict=True)
        k = np.unique(found)
        measured = np.searchsorted(np.sort(found), k, side="right") / len(found)
        assert np.abs(np.interp(np.log(k + 0.5), np.log(tokens), shares) - measured).max() < 0.04
    gaps = np.sort(np.diff(real.arrival_ns) * 1e-9)
    ranks = (np.arange(len(gaps)) + 0.5) / len(gaps)
    apart = np.abs(Modulated(stated["arrivals"]).share_below(gaps) - ranks).max()
    assert apart < {"azure-code": 0.15, "azure-conversation": 0.03}[kind]
    ranks = [np.argsort(np.argsort(x)) for x in (real.prompt_tokens, real.output_tokens)]
    assert abs(np.corrcoef(*ranks)[0, 1]) < 0.08  # which is why they are drawn apart
