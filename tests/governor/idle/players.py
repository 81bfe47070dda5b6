"""Rules played on gaps: what each is told, and what it does."""

from __future__ import annotations

from hypothesis import strategies as st

from dfsrt.governor.idle import make_idle_governor
from dfsrt.governor.idle.dispatch import choose_state, learn
from dfsrt.governor.idle.rule import NEVER_NS, ORACLE, IdleRule, Outlook
from tests.helpers.idle_walk import Depth, walk

MS = 1_000_000


def rule_of(name, up_w, depths, pays_ns=None):
    """The rule of the governor called ``name``, over lists, on one set point."""
    governor = make_idle_governor(name)
    return IdleRule(
        governor.kind,
        list(governor.params()),
        list(governor.memory(len(depths))),
        [up_w],
        [d.watts for d in depths],
        [d.entry_ns for d in depths],
        [d.exit_ns for d in depths],
        [d.entry_j for d in depths],
        [d.exit_j for d in depths],
        list(pays_ns or [d.pays_ns(up_w) for d in depths]),
    )


class Player:
    """Plays a rule on gaps that come one after the other; a timer may be known."""

    def __init__(self, rule, up_w=0.1, depths=()):
        self.rule, self.up_w, self.depths = rule, up_w, depths

    def play(self, gap_ns, timer_ns=NEVER_NS, following=()):
        """Energy of a gap, the wait behind it, and the deepest state; then the rule learns."""
        if self.rule.kind == ORACLE:
            known = list(following[:8]) or [NEVER_NS]
            self.rule.memory[: 1 + len(known)] = [len(known), *known]

        def choose(state, now_ns):
            left_ns = timer_ns if timer_ns == NEVER_NS else timer_ns - now_ns
            look = Outlook(0, state, now_ns, left_ns, gap_ns - now_ns, NEVER_NS)
            return choose_state(self.rule, look)

        joules, wait_ns, state = walk(choose, self.up_w, self.depths, gap_ns)
        learn(self.rule, 0, state, gap_ns, timer_ns)
        return joules, wait_ns, state

    def play_all(self, gaps_ns):
        """Energy of all gaps, each shortened by the wait before it."""
        joules, wait_ns = 0.0, 0
        for number, gap_ns in enumerate(gaps_ns):
            left_ns = gap_ns - wait_ns
            if left_ns <= 0:
                wait_ns = -left_ns
                continue
            spent_j, wait_ns, _ = self.play(left_ns, following=gaps_ns[number + 1 :])
            joules += spent_j
        end_w = min([self.up_w, *(d.watts for d in self.depths)])
        return joules - end_w * wait_ns * 1e-9


@st.composite
def devices(draw, least_times=1.0):
    """What staying up takes, and one to three states, each deeper than the one before.

    A transition takes ``least_times`` what staying up would, or more.
    """
    up_w = watts = draw(st.sampled_from([0.02, 0.1, 0.7]))
    depths, entry_ns, entry_j = [], 0, 0.0
    for _ in range(draw(st.integers(1, 3))):
        watts *= draw(st.floats(0.02, 0.9))
        entry_ns += draw(st.integers(1, 1_000_000))
        exit_ns = draw(st.integers(1, 1_000_000))
        times = st.floats(least_times, 20)
        entry_j = max(entry_j, up_w * entry_ns * 1e-9 * draw(times))
        exit_j = up_w * exit_ns * 1e-9 * draw(times)
        depths.append(Depth(watts, entry_ns, exit_ns, entry_j, exit_j))
    return up_w, tuple(depths)


def gaps_of(up_w, depths, most):
    """Gaps from a hundredth to thirty times what the first state needs, the last one long."""
    scale = min(depths[0].pays_ns(up_w), 10**9)
    one = st.floats(-2, 1.5).map(lambda power: max(1, int(scale * 10**power)))
    last = 100 * max(d.pays_ns(up_w) for d in depths)
    return st.lists(one, min_size=1, max_size=most).map(lambda gaps: [*gaps, last])
