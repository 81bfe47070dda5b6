"""Cores side by side, a nanosecond at a time: slow, and no code shared with dfsrt.

A layer is a dictionary: lists by clock of ``head``, ``compute`` and ``memory`` nanoseconds, the
millionths ``need`` of the memory that it takes meanwhile, and the clock that it may have at most,
``wish``. Lanes share a clock, the slowest wish of the layers at work; a change stalls all of them.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

WHOLE = 10**6


def fair_shares(needs):
    """What each of ``needs`` gets of the whole: the k smallest all, the others alike."""
    order, shares = sorted(needs), []
    for k in range(len(order), -1, -1):
        if all(order[i] <= (WHOLE - sum(order[:i])) // (len(order) - i) for i in range(k)):
            shares = [order[:k], k]
            break
    small, k = shares
    rest = 0 if k == len(order) else (WHOLE - sum(small)) // (len(order) - k)
    limit = order[k - 1] if k else -1
    return [need if need <= limit else rest for need in needs]


class Core:
    """One lane and the layer that it works on."""

    def __init__(self):
        self.request = self.layer = None
        self.stall = self.head = self.compute = self.bytes = 0
        self.begun = self.stalled = 0

    @property
    def works(self):
        return self.layer is not None

    @property
    def moves(self):
        return self.works and not self.stall and not self.head and self.bytes > 0

    @property
    def is_done(self):
        return self.works and not (self.stall or self.head or self.compute or self.bytes > 0)

    def take(self, layer, now):
        self.layer, self.begun, self.stalled = layer, now, 0
        self.stall, self.head = 0, None

    def set_clock(self, before, clock, stall):
        layer = self.layer
        self.stall += stall
        self.stalled += stall
        if self.head is None:
            self.head, self.compute = layer["head"][clock], layer["compute"][clock]
            self.bytes = layer["memory"][clock] * WHOLE
        elif before != clock:
            for name, unit in (("head", 1), ("compute", 1), ("bytes", WHOLE)):
                was, now = (
                    layer["memory" if name == "bytes" else name][c] for c in (before, clock)
                )
                left = getattr(self, name)
                if left and was != now:
                    setattr(self, name, ceil(Fraction(left * now * unit, was * unit)))

    def step(self, share):
        if self.stall:
            self.stall -= 1
        elif self.head:
            self.head -= 1
        else:
            self.compute = max(0, self.compute - 1)
            self.bytes = max(0, self.bytes - share)


class Walk:
    """Serves requests, ``(arrival, layers)`` each, first come first served, on ``count`` lanes.

    ``ended`` are the layers that did, ``(lane, request, begin, end, stalled)``, ``finish`` when
    each request did, ``most`` the most of the memory that was in use in any nanosecond.
    """

    def __init__(self, requests, count, clock, stall, may_run):
        self.lanes, self.clock, self.stall, self.may_run = (
            [Core() for _ in range(count)], clock, stall, may_run,
        )  # fmt: skip
        self.todo = {number: list(layers) for number, (_, layers) in enumerate(requests)}
        self.coming = sorted((arrival, number) for number, (arrival, _) in enumerate(requests))
        self.line, self.ended, self.finish, self.most = [], [], {}, 0

    def end(self, now):
        for k, lane in enumerate(self.lanes):
            if lane.is_done:
                self.ended.append((k, lane.request, lane.begun, now, lane.stalled))
                lane.layer = None
                if not self.todo[lane.request]:
                    self.finish[lane.request] = now
                    lane.request = None

    def choose(self, now):
        while self.coming and self.coming[0][0] <= now:
            self.line.append(self.coming.pop(0)[1])
        for k, lane in enumerate(self.lanes):
            mine = [number for number in self.line if self.may_run(number, k)]
            if lane.request is None and mine:
                lane.request = mine[0]
                self.line.remove(mine[0])

    def begin(self, now):
        new = [lane for lane in self.lanes if lane.request is not None and not lane.works]
        for lane in new:
            lane.take(self.todo[lane.request].pop(0), now)
        if new:
            at_work = [lane for lane in self.lanes if lane.works]
            wished = min(lane.layer["wish"] for lane in at_work)
            for lane in at_work:
                lane.set_clock(self.clock, wished, self.stall if wished != self.clock else 0)
            self.clock = wished

    def step(self):
        moving = [lane for lane in self.lanes if lane.moves]
        grants = fair_shares([lane.layer["need"] for lane in moving])
        self.most = max(self.most, sum(grants))
        share = {id(lane): grant for lane, grant in zip(moving, grants, strict=True)}
        for lane in self.lanes:
            if lane.works:
                grant = share.get(id(lane), 0)
                lane.step(grant * WHOLE // lane.layer["need"] if grant else WHOLE)


def walk(requests, count, clock, stall, may_run):
    """Return what became of the layers, of the requests, and of the memory: see ``Walk``."""
    all_of_it = Walk(requests, count, clock, stall, may_run)
    for now in range(10**6):
        all_of_it.end(now)
        all_of_it.choose(now)
        all_of_it.begin(now)
        if len(all_of_it.finish) == len(requests):
            return all_of_it.ended, all_of_it.finish, all_of_it.most
        all_of_it.step()
    raise AssertionError("the walk has not come to its end")
