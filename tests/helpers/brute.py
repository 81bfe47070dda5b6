"""Brute force: every plan of a small view, run frame after frame by plain loops.

Shares no code with dfsrt. A frame counts once it begins as the one before it did; plans whose
frames do not come to repeat one by one are left out, and counted.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass


@dataclass
class Frame:
    time_ns: int
    energy_j: float
    over: int
    first_over: bool = False
    changes: tuple[int, ...] = ()


class Brute:
    def __init__(self, view):
        self.levels, self.points = view.duration_ns.shape[1], view.set_points_uv.tolist()
        self.needs = view.rails_uv.tolist()
        self.duration = view.duration_ns.tolist()
        self.watts = view.predicted_w.tolist()
        self.cap = view.cap_w
        npu = view.predicted_w if view.npu_predicted_w is None else view.npu_predicted_w
        self.npu, self.limit = npu.tolist(), view.npu_limit_w
        self.stall = view.stall_ns.tolist()
        self.rail = view.rail
        self.restless = 0
        self.known = {}

    def plans(self):
        """Every plan that needs no clamping."""
        wishes = [(k, v) for v in self.points for k in range(self.levels) if self.needs[k] <= v]
        return itertools.product(wishes, repeat=len(self.duration))

    def frames(self):
        """The steady frame of every plan that has one."""
        for plan in self.plans():
            frame = self.steady(plan)
            if frame is None:
                self.restless += 1
            else:
                yield frame

    def least_time(self):
        return min((f.over, f.time_ns) for f in self.frames())

    def least_energy(self, deadline_ns):
        """Also for no deadline at all, in one go."""
        frames = list(self.frames())
        return min((f.over, f.energy_j) for f in frames if f.time_ns <= deadline_ns)

    def steady(self, plan, most=12):
        level, volts = plan[0]
        # The rail goes from `low` or `high` to `volts` and has settled after `left` ns.
        state = (level, volts, volts, 0)
        for _ in range(most):
            frame, after = self.frame(plan, state)
            if after == state:
                # A run begins at rest at what its first layer asks for.
                rest = (plan[0][1], plan[0][1], 0)
                start = self.breaks(0, level, rest, 0, self.duration[0][level])
                frame.over += start and not frame.first_over
                return frame
            state = after
        return None

    def frame(self, plan, state):
        level, start, target, left = state
        time, energy, over, first_over, changes = 0, 0.0, 0, False, []
        for layer, (wish, uv) in enumerate(plan):
            old = level
            if left == 0 and uv > target:
                start, target, left = target, uv, self.move_ns(target, uv)
                falls = False
            else:
                falls = left == 0 and uv < target
            if falls:
                sure = uv
            elif left == 0:
                sure = target
            else:
                sure = min(start, target)
            stall = self.stall[old][wish]
            at = target if not falls and stall >= left else sure
            level = wish
            if self.needs[wish] > at:
                level = self.lowered(wish, sure)
                stall = self.stall[old][level]
                at = target if not falls and stall >= left else sure
            ran = self.duration[layer][level]
            was = left
            if falls:
                start, target, was = target, uv, self.move_ns(target, uv)
                left = max(0, was - ran)
            else:
                left = max(0, left - stall - ran)
            move = (start, target, was if not falls else was + stall)
            if self.memory_of(old) != self.memory_of(level):
                changes.append(time)
            time += stall + ran
            watts = self.watts[layer]
            run = (layer, level, move, stall, ran)
            if run not in self.known:
                joules = self.mean(watts[level], move, stall, stall + ran) * ran * 1e-9
                joules += self.mean(watts[self.calmest(level)], move, 0, stall) * stall * 1e-9
                self.known[run] = joules, self.breaks(layer, level, move, stall, stall + ran)
            energy += self.known[run][0]
            over += self.known[run][1]
            first_over = self.known[run][1] if layer == 0 else first_over
            if left == 0:
                start = target
        frame = Frame(time, energy, over, first_over, tuple(changes))
        return frame, (level, start, target, left)

    def lowered(self, wish, uv):
        """The fastest clock that a voltage can run, where it cannot run the one wished."""
        return max(k for k in range(self.levels) if self.needs[k] <= uv)

    def calmest(self, level):
        """The clock whose watts flow in a stall before a level."""
        return 0

    def memory_of(self, level):
        """The memory point of a level: here the memory has but one."""
        return 0

    def mean(self, watts, move, begin, end):
        """Mean watts from ``begin`` to ``end`` of a move that has settled after ``move[2]`` ns.

        Between two set points watts are a line in the square of the voltage, so between two
        corners they are a square of time, of which Simpson's rule is exact.
        """
        if begin == end:
            return self.at(watts, self.volts(move, begin))
        corners = {begin, end, *(t for t in self.corners(move) if begin < t < end)}
        total = 0.0
        for one, two in itertools.pairwise(sorted(corners)):
            values = [self.volts(move, t) for t in (one, (one + two) / 2, two)]
            first, middle, last = (self.at(watts, v) for v in values)
            total += (two - one) * (first + 4 * middle + last) / 6
        return total / (end - begin)

    def ramp(self, move):
        stop = move[2] - self.rail.settle_ns
        return stop - math.ceil(abs(move[1] - move[0]) * 1000 / self.rail.slew_uv_per_us), stop

    def corners(self, move):
        """When the voltage begins to move, passes a set point, and stands again."""
        first, stop = self.ramp(move)
        if move[0] == move[1]:
            return []
        passed = (first + (v - move[0]) / (move[1] - move[0]) * (stop - first) for v in self.points)
        return [first, stop, *(t for t in passed if first < t < stop)]

    def volts(self, move, time):
        first, stop = self.ramp(move)
        if move[0] == move[1] or time >= stop:
            return move[1]
        return move[0] + max(0.0, (time - first) / (stop - first)) * (move[1] - move[0])

    def at(self, watts, volts):
        for k, point in enumerate(self.points):
            if abs(volts - point) < 1e-6:
                return watts[k]
        above = next(k for k, point in enumerate(self.points) if point > volts)
        low, high = self.points[above - 1], self.points[above]
        share = (volts**2 - low**2) / (high**2 - low**2)
        return watts[above - 1] + share * (watts[above] - watts[above - 1])

    def move_ns(self, low, high):
        ramp = math.ceil(abs(high - low) * 1000 / self.rail.slew_uv_per_us)
        return self.rail.command_ns + ramp + self.rail.settle_ns

    def breaks(self, layer, level, move, begin, end):
        """Whether a run draws more than it may on its own average."""
        points = itertools.product(range(self.levels), range(len(self.points)))
        if any(self.keeps(layer, *point) for point in points):
            capped = self.mean(self.watts[layer][level], move, begin, end)
            npu = self.mean(self.npu[layer][level], move, begin, end)
            return capped > self.cap * (1 + 1e-9) or npu > self.limit * (1 + 1e-9)
        return level > 0 or max(self.volts(move, t) for t in (begin, end)) > self.points[0]

    def keeps(self, layer, level, at):
        """Whether a point keeps the cap, and the limit on the NPU's own watts."""
        capped, npu = self.watts[layer][level][at], self.npu[layer][level][at]
        return capped <= self.cap and npu <= self.limit
