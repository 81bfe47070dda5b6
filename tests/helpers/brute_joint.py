"""Brute force over core and memory: every plan of a small view whose memory is free.

Shares no code with dfsrt, and has a numbering of its own: levels are pairs by core, then memory.
"""

from __future__ import annotations

import itertools

from tests.helpers.brute import Brute


class JointBrute(Brute):
    """Plans are of pairs; those that change the memory's clock too soon are left out."""

    def __init__(self, view):
        super().__init__(view)
        memory = view.memory
        cores, self.count = len(view.freqs_hz), len(memory.freqs_hz)
        self.pairs = list(itertools.product(range(cores), range(self.count)))
        self.levels, self.delay = len(self.pairs), memory.delay_ns
        self.needs = [int(view.rails_uv[c]) for c, _ in self.pairs]
        layers = range(len(self.duration))
        self.duration = [[int(memory.duration_ns[n, m, c]) for c, m in self.pairs] for n in layers]
        self.watts = [[memory.predicted_w[n, m, c].tolist() for c, m in self.pairs] for n in layers]
        self.npu = self.watts
        if memory.npu_predicted_w is not None:
            npu_w = memory.npu_predicted_w
            self.npu = [[npu_w[n, m, c].tolist() for c, m in self.pairs] for n in layers]
        self.stall = [
            [int(view.stall_ns[c, d]) + (memory.stall_ns if m != k else 0) for d, k in self.pairs]
            for c, m in self.pairs
        ]

    def lowered(self, wish, uv):
        own = self.pairs[wish][1]
        return max(k for k, (_, m) in enumerate(self.pairs) if m == own and self.needs[k] <= uv)

    def calmest(self, level):
        return self.pairs.index((0, self.pairs[level][1]))

    def memory_of(self, level):
        return self.pairs[level][1]

    def plan_of(self, plan):
        """A plan of dfsrt in this numbering."""
        columns = zip(plan.level.tolist(), plan.memory.tolist(), plan.rail_uv.tolist(), strict=True)
        return tuple((self.pairs.index((c, m)), uv) for c, m, uv in columns)

    def frames(self):
        for frame in super().frames():
            if self.keeps_delay(frame):
                yield frame

    def keeps_delay(self, frame):
        at = frame.changes
        after = [*at[1:], *(t + frame.time_ns for t in at[:1])]
        return all(two - one >= self.delay for one, two in zip(at, after, strict=True))
