"""A queue as a list that is searched anew each time: slow, and no code shared with dfsrt."""

from __future__ import annotations

from itertools import pairwise

INF = float("inf")


class Request:
    """One request; ``state`` is away, blocked, freed, ready, hosted, resumes, done or dropped."""

    def __init__(self, index, arrival, deadline, priority, session, kind):
        self.index, self.arrival = index, arrival
        self.deadline = INF if deadline < 0 else deadline
        self.priority, self.session, self.kind = priority, session, kind
        self.state, self.todo = "away", []
        self.admit = self.finish = -1


class NaiveQueue:
    """Serves requests; each of ``works`` is a function from the number served in a session to a
    list of pieces, ``("npu", ns)`` or ``("host", ns)``. ``spells`` is what the NPU did."""

    def __init__(self, requests, works, in_order, rule, drop, limit, closed):
        self.requests = [Request(i, *r) for i, r in enumerate(requests)]
        self.works, self.in_order, self.rule = works, in_order, rule
        self.drop, self.limit, self.closed = drop, limit, closed
        self.served, self.events, self.spells = {}, [], []
        for r in self.requests:
            if not closed or self.mates(r)[0] is r:
                self.events.append((r.arrival, 1, r.arrival, r.index, "come"))

    def chain(self, r):
        return r.session if self.closed else (r.session, r.kind)

    def mates(self, r):
        return [o for o in self.requests if self.chain(o) == self.chain(r)]

    def period(self, kind):
        """The least time between two arrivals of a kind."""
        times = sorted(r.arrival for r in self.requests if r.kind == kind)
        gaps = [b - a for a, b in pairwise(times)]
        return INF if self.closed or not gaps else min(gaps)

    def rank(self, r):
        if self.rule == "fifo":
            return (r.arrival, r.index)
        key = -r.priority if self.rule == "priority" else r.arrival + r.deadline
        if self.rule == "rm":
            key = self.period(r.kind)
        if self.rule == "edf" and r.deadline == INF:
            key = 2**62 + r.arrival
        return (key, r.arrival, r.index)

    def is_late(self, r, now):
        return self.drop == "late" and now >= r.arrival + r.deadline

    def follow(self, r, now):
        """Let the next of a session come, if it waits for ``r``."""
        after = [o for o in self.mates(r) if o.index > r.index]
        if self.closed:
            if after:
                self.events.append((now, 0, after[0].arrival, after[0].index, "come"))
        elif self.in_order[r.kind]:
            left = [o for o in after if o.state != "dropped"]
            if left and left[0].state == "blocked":
                left[0].state = "freed"
                self.events.append((now, 0, left[0].arrival, left[0].index, "free"))

    def give_up(self, r, now, begun):
        r.state, r.finish = "dropped", now
        if self.closed or begun:
            self.follow(r, now)

    def go_on(self, r, now):
        if not r.todo:
            r.state, r.finish = "done", now
            self.served[self.chain(r)] = self.served.get(self.chain(r), 0) + 1
            self.follow(r, now)
        elif r.todo[0][0] == "host":
            r.state = "hosted"
            self.events.append((now + r.todo[0][1], 0, r.arrival, r.index, "host"))
        else:
            r.state = "resumes"

    def begin(self, r, now):
        r.todo = list(self.works[r.kind](self.served.get(self.chain(r), 0)))
        if r.todo[0][0] == "npu":
            r.state = "ready"
        elif self.is_late(r, now):
            self.give_up(r, now, begun=True)
        else:
            r.admit = now
            self.go_on(r, now)

    def come(self, r, now):
        r.arrival, r.state = now, "blocked"
        waiting = [o for o in self.requests if o.state in ("blocked", "freed", "ready")]
        if len(waiting) > self.limit and self.drop == "newest":
            self.give_up(r, now, begun=False)
            return
        if len(waiting) > self.limit and self.drop == "oldest":
            oldest = min(waiting, key=lambda o: o.index)
            self.give_up(oldest, now, begun=oldest.state == "ready")
        if self.closed or not self.in_order[r.kind] or not self.is_held_up(r):
            self.begin(r, now)

    def is_held_up(self, r):
        """Whether one of the session is at work, or is about to come, dropped meanwhile or not."""
        about = [self.requests[e[3]] for e in self.events if e[4] == "free"]
        at_work = [o for o in self.requests if o.state in ("ready", "hosted", "resumes")]
        return any(o is not r and self.chain(o) == self.chain(r) for o in about + at_work)

    def happen(self, now):
        """Let all that is due by now happen, in order of time; arrivals last."""
        while self.events and min(self.events)[0] <= now:
            event = min(self.events)
            self.events.remove(event)
            at, _, _, index, what = event
            r = self.requests[index]
            if what == "come":
                self.come(r, at)
            elif what == "host":
                r.todo.pop(0)
                self.go_on(r, at)
            elif r.state == "dropped":
                self.follow(r, at)
            else:
                self.begin(r, at)

    def choose(self, current, now):
        """Return who has the NPU now."""
        while True:
            self.happen(now)
            line = [o for o in self.requests if o.state in ("ready", "resumes")]
            first = min((o for o in line if o is not current), key=self.rank, default=None)
            if first is None:
                return current
            if current and (self.rule == "fifo" or self.rank(first) > self.rank(current)):
                return current
            if first.state == "ready" and self.is_late(first, now):
                self.give_up(first, now, begun=True)
                continue
            first.state = "resumes"
            first.admit = now if first.admit < 0 else first.admit
            return first

    def run(self, until=INF):
        """Serve until nothing is left, or until the first boundary at or after ``until``."""
        now, current = 0, None
        while now < until:
            current = self.choose(current, now)
            if current is None:
                if not self.events:
                    return
                now = max(now, min(min(self.events)[0], until))
                continue
            ns = current.todo.pop(0)[1]
            self.spells.append((current.index, now, now + ns))
            now += ns
            self.happen(now - 1)  # what has happened before the layer's end comes before its end
            if not current.todo or current.todo[0][0] == "host":
                leaver, current = current, None
                self.go_on(leaver, now)
