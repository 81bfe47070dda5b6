"""Pillai and Shin's governors on periodic tasks, step by step in exact fractions.

Work comes in units that are not interrupted. Shares nothing with the product.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

FOR_EVER = 10**9


class Job:
    def __init__(self, task, number, release, work):
        self.task, self.number, self.release, self.work = task, number, release, work
        self.done = 0


class Textbook:
    """``tasks`` are (worst case, period), ``speeds`` are (share of the top clock, volts)."""

    def __init__(self, tasks, work, end, speeds, policy):
        self.tasks, self.work, self.policy = tasks, work, policy
        self.speeds = [(Fraction(f), volts) for f, volts in speeds]
        self.coming = sorted((t, k) for k, (_, p) in enumerate(tasks) for t in range(0, end, p))
        self.jobs, self.now, self.energy, self.finish = [], Fraction(0), 0, {}
        self.released = [None] * len(tasks)
        self.used = [0] * len(tasks)
        self.dealt = [Fraction(0)] * len(tasks)
        self.by_rate = sorted(range(len(tasks)), key=lambda k: tasks[k][1])
        self.static = self.static_speed()
        self.speed, self.review = self.static, FOR_EVER

    # The worst case.

    def static_speed(self):
        if self.policy == "none":
            return self.speeds[-1]
        keeps = self.keeps_rm if self.policy.startswith("rm") else self.keeps_edf
        return next((s for s in self.speeds if keeps(s[0])), self.speeds[-1])

    def keeps_edf(self, f):
        if sum(Fraction(c, p) for c, p in self.tasks) > f:
            return False
        ends = sorted({p * n for _, p in self.tasks for n in range(1, 200)})
        last = max(p for _, p in self.tasks)
        for end in (e for e in ends if e <= last):
            need = sum(end // p * c for c, p in self.tasks)
            need += any(p > end for _, p in self.tasks)  # a unit just begun
            if need > f * end:
                return False
        return True

    def keeps_rm(self, f):
        for _, own in self.tasks:
            need = sum(ceil(Fraction(own, p)) * c for c, p in self.tasks if p <= own)
            if need + any(p > own for _, p in self.tasks) > f * own:
                return False
        return True

    # What is here.

    def due(self, job):
        return job.release + self.tasks[job.task][1]

    def order(self, job):
        rank = self.tasks[job.task][1] if self.policy.startswith("rm") else self.due(job)
        return (0 if self.policy == "none" else rank, job.release, job.task)

    def left(self, k):
        return sum(self.tasks[k][0] - j.done for j in self.jobs if j.task == k)

    def next_due(self, k):
        here = [self.due(j) for j in self.jobs if j.task == k]
        if here:
            return min(here)
        period = self.tasks[k][1]
        end = period if self.released[k] is None else self.released[k] + period
        return end if end > self.now else self.now + period

    # The rules.

    def slowest(self, f):
        return next((s for s in self.speeds if s[0] >= f), self.speeds[-1])

    def choose(self, arrived):
        if self.policy == "edf-cc":
            return self.cycle_conserving()
        if self.policy in ("edf-la", "rm-cc"):
            first = self.review = min(self.next_due(k) for k in range(len(self.tasks)))
            if first <= self.now:
                return self.speeds[-1]
            deal = self.look_ahead if self.policy == "edf-la" else self.dealt_out
            speed = self.slowest(deal(first, arrived) / (first - self.now))
            if self.policy == "rm-cc":
                return speed
            late = [s for s in self.speeds if s[0] >= speed[0] and self.mends(s[0], first)]
            return late[0] if late else self.speeds[-1]
        return self.static

    def cycle_conserving(self):
        share = Fraction(0)
        for k, (worst, period) in enumerate(self.tasks):
            if any(j.task == k for j in self.jobs):
                share += Fraction(worst, period)
            elif self.released[k] is not None and self.now < self.released[k] + period:
                share += Fraction(self.used[k], period)
        fast = [s for s in self.speeds if s[0] >= share and self.in_time(s[0])]
        return fast[0] if fast else self.speeds[-1]

    def in_time(self, f):
        at = self.now
        for job in sorted(self.jobs, key=self.order):
            at += (self.tasks[job.task][0] - job.done) / f
            if at > self.due(job):
                return False
        return True

    def mends(self, f, first):
        """Whether the top speed is soon enough from the first deadline on.

        A unit that is under way there ends first, or has just begun where the job may be done by
        then; and those come that are expected.
        """
        top, at, turned = self.speeds[-1][0], self.now, False
        todo = []
        for job in sorted(self.jobs, key=self.order):
            left = Fraction(self.left_of(job))
            if not turned and at + left / f > first:
                units = (first - at) * f
                units = ceil(units) if units <= job.work - job.done else units + 1
                turn = at + min(left, max(units, 0)) / f
                left, at, turned = left - (turn - at) * f, turn, True
            if turned:
                todo.append((self.due(job), left))
                continue
            at += left / f
            if at > self.due(job):
                return False
        expected = [
            (first + self.tasks[k][1], Fraction(self.tasks[k][0]))
            for k in range(len(self.tasks))
            if self.next_due(k) == first and not any(j.task == k for j in self.jobs)
        ]
        at = max(at, first) if expected else at
        return all(
            at + sum(work for other, work in todo + expected if other <= due) / top <= due
            for due, _ in todo + expected
        )

    def left_of(self, job):
        return self.tasks[job.task][0] - job.done

    def look_ahead(self, first, arrived):
        total = sum(Fraction(c, p) for c, p in self.tasks)
        s = Fraction(0)
        for k in sorted(range(len(self.tasks)), key=lambda k: (-self.next_due(k), k)):
            total -= Fraction(*self.tasks[k])
            gap = self.next_due(k) - first
            now = min(max(self.left(k) - (1 - total) * gap, 0), self.left(k))
            if gap:
                total += (self.left(k) - now) / Fraction(gap)
            s += now
        return s

    def dealt_out(self, first, arrived):
        if arrived:
            room = (first - self.now) * self.static[0]
            for k in self.by_rate:
                self.dealt[k] = min(Fraction(self.left(k)), room)
                room -= self.dealt[k]
        return sum(d for k, d in enumerate(self.dealt) if self.left(k))

    # Time.

    def run(self):
        """Return joules and the finish of each invocation, by task and number."""
        counts, news = [0] * len(self.tasks), set()
        while self.coming or self.jobs:
            while self.coming and self.coming[0][0] <= self.now:
                at, k = self.coming.pop(0)
                self.jobs.append(Job(k, counts[k], at, self.work(k, counts[k])))
                counts[k] += 1
                self.released[k] = at
                news.add("arrived")
            if not self.jobs:
                self.now = Fraction(self.coming[0][0])
                continue
            if news or self.now >= self.review:
                self.speed = self.choose("arrived" in news or self.now >= self.review)
                news = set()
            job = min(self.jobs, key=self.order)
            f, volts = self.speed
            self.now += 1 / f
            self.energy += volts**2
            job.done += 1
            self.dealt[job.task] = max(self.dealt[job.task] - 1, Fraction(0))
            if job.done == job.work:
                self.jobs.remove(job)
                self.used[job.task] = job.work
                self.finish[job.task, job.number] = self.now
                news.add("left")
        return self.energy, self.finish
