"""Language models served one pass after another, as plain loops; no code shared with dfsrt.

A graph is a list of layers, each with nanoseconds, bytes, microjoules at 1 V and what it is: 0
for itself, 1 for a block of a cache for one token, 2 for one for all of a prompt's chunk.
``graphs`` are by the tokens that they have room for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

BLOCK = 16


@dataclass(eq=False)
class Request:
    """One request and what became of it."""

    number: int
    arrival: int
    prompt: int
    tokens: int
    priority: int = 0
    deadline: int | None = None
    cached: int = 0
    started: int = -1
    stamps: list = field(default_factory=list)

    @property
    def first(self):
        return self.stamps[0] if self.stamps else -1

    @property
    def gap(self):
        return max((b - a for a, b in zip(self.stamps, self.stamps[1:], strict=False)), default=0)

    @property
    def over(self):
        return len(self.stamps) == self.tokens

    def wants(self, chunk):
        return min(chunk, self.prompt - self.cached) if self.cached < self.prompt else 1

    def gets(self, share, now):
        self.cached += share
        if self.cached >= self.prompt:
            self.stamps.append(now)


class NaiveTokens:
    """Serves requests; ``runs`` counts layer runs, ``time`` their time, by (graph, layer)."""

    def __init__(self, graphs, chunk, budget=None, most=0, room=math.inf):
        self.graphs, self.chunk, self.budget, self.room = graphs, chunk, budget, room
        self.most = most
        self.runs = {(g, i): 0 for g in graphs for i in range(len(graphs[g]))}
        self.time = dict.fromkeys(self.runs, 0)
        self.now = 0

    def walk(self, shares):
        """One pass with so many tokens of each request."""
        graph = min(size for size in self.graphs if size >= sum(shares.values()))
        single = prompts = 0
        for r, share in shares.items():
            if share and self.budget and r.cached < r.prompt:
                seen = [r.cached + i for i in range(share)]
                prompts += math.ceil(sum(seen) / len(seen) / BLOCK)
            elif share:
                single += math.ceil(r.cached / BLOCK)
        for i, (ns, _, _, grows) in enumerate(self.graphs[graph]):
            times = (1, single, prompts)[grows]
            self.runs[graph, i] += times
            self.time[graph, i] += times * ns
            self.now += times * ns
        for r, share in shares.items():
            if share:
                r.gets(share, self.now)

    def serve(self, requests, rule="fifo"):
        """Serve all requests, by a rule of order or ``continuous``."""
        self.requests = [Request(i, *r) for i, r in enumerate(requests)]
        if rule == "continuous":
            self.batches()
        else:
            self.one_by_one(rule)
        return self.requests

    def come(self):
        return [r for r in self.requests if r.arrival <= self.now and not r.over]

    def wait(self):
        self.now = min(r.arrival for r in self.requests if not r.over)

    def one_by_one(self, rule):
        at_work = None
        keys = {
            "fifo": lambda r: r.arrival,
            "priority": lambda r: -r.priority,
            "edf": lambda r: math.inf if r.deadline is None else r.arrival + r.deadline,
        }
        while not all(r.over for r in self.requests):
            here = self.come()
            if not here:
                self.wait()
                continue
            if at_work is None or at_work.over or rule != "fifo":
                at_work = min(here, key=lambda r: (keys[rule](r), r.arrival, r.number))
            if at_work.started < 0:
                at_work.started = self.now
            self.walk({at_work: at_work.wants(self.chunk)})

    def batches(self):
        batch = []
        while not all(r.over for r in self.requests):
            batch = [r for r in batch if not r.over]
            left = self.budget
            shares = dict.fromkeys(batch, 0)
            writing = [r for r in batch if r.cached >= r.prompt]
            reading = [r for r in batch if r.cached < r.prompt]
            for r in [*writing, *reading]:
                shares[r] = min(r.wants(self.chunk), left)
                left -= shares[r]
            for r in sorted(self.come(), key=lambda r: (r.arrival, r.number)):
                if r in batch:
                    continue
                held = sum(other.prompt + other.tokens for other in batch)
                full = left == 0 or len(batch) == self.most
                if full or held + r.prompt + r.tokens > self.room:
                    break
                r.started = self.now
                batch.append(r)
                shares[r] = min(r.wants(self.chunk), left)
                left -= shares[r]
            if not batch:
                self.wait()
                continue
            self.walk(shares)
