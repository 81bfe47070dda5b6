"""A DRAM channel command by command: open page, first ready first, a queue, one bank after another.

A slow twin of ``dfsrt.cost.dram``; it takes numbers of a part, and no function.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

QUEUE = 32


@dataclass
class Bank:
    group: int
    row: int | None = None
    act_at: float = 0.0
    cas_at: float = 0.0
    pre_at: float = 0.0


@dataclass
class Channel:
    """What the channel remembers: ``t`` are the part's times, in clocks."""

    t: object
    banks: dict[int, Bank]
    acts: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=4))
    last: dict[tuple[bool, int], float] = field(default_factory=dict)
    activates: int = 0

    def act_at(self, bank: Bank) -> float:
        t, at = self.t, bank.act_at
        for when, group in self.acts:
            at = max(at, when + (t.trrd_l if group == bank.group else t.trrd_s))
        return max(at, self.acts[0][0] + t.tfaw) if len(self.acts) == 4 else at

    def cas_at(self, bank: Bank, write: bool) -> float:
        t, at = self.t, bank.cas_at
        for (wrote, group), when in self.last.items():
            own = group == bank.group
            gap = t.tccd_l if own else t.tccd_s
            if wrote and not write:
                gap = t.cwl + t.tccd_s + (t.twtr_l if own else t.twtr_s)
            if write and not wrote:
                gap = t.cl + t.tccd_s + 1 - t.cwl
            at = max(at, when + gap)
        return at

    def activate(self, bank: Bank, row: int, now: float) -> None:
        t = self.t
        bank.row, bank.cas_at = row, now + t.trcd
        bank.pre_at, bank.act_at = now + t.tras, now + t.trc
        self.acts.append((now, bank.group))
        self.activates += 1

    def burst(self, bank: Bank, write: bool, now: float) -> None:
        t = self.t
        self.last[write, bank.group] = now
        free = now + (t.cwl + t.tccd_s + t.twr if write else t.trtp)
        bank.pre_at = max(bank.pre_at, free)

    def refresh(self, now: float) -> float:
        open_ = [bank.pre_at for bank in self.banks.values() if bank.row is not None]
        closed = max([now, *open_]) + self.t.trp
        for bank in self.banks.values():
            bank.row, bank.act_at = None, max(bank.act_at, closed + self.t.trfc)
        return closed


def simulate(part, requests, refreshes=2):
    """Return clocks, bursts and activates of ``requests``: an endless walk of (bank, row, write).

    Banks are numbered with their group in the lowest digits. Runs for so many refreshes.
    """
    t, groups = part.timing, part.organisation.bank_groups
    every = range(part.organisation.bank_groups * part.organisation.banks)
    channel = Channel(t, {number: Bank(number % groups) for number in every})
    queue, now, done, due = [], 0.0, 0, 0.0
    while True:
        while len(queue) < QUEUE:
            queue.append(next(requests))
        at, _, place, kind = best_of(channel, queue)
        if max(at, now) >= due:
            if due >= refreshes * t.trefi:
                return due, done, channel.activates
            now, due = channel.refresh(due), due + t.trefi
            continue
        now = max(at, now + 1) if at <= now else at
        number, row, write = queue[place]
        bank = channel.banks[number]
        if kind == "burst":
            channel.burst(bank, write, now)
            del queue[place]
            done += 1
        elif kind == "activate":
            channel.activate(bank, row, now)
        else:
            bank.row, bank.act_at = None, max(bank.act_at, now + t.trp)


def best_of(channel, queue):
    """The command that may come first: bursts before activates before precharges, the old first."""
    found, seen = [], set()
    wanted = {(number, row) for number, row, _ in queue}
    for place, (number, row, write) in enumerate(queue):
        bank = channel.banks[number]
        if bank.row == row:
            found.append((channel.cas_at(bank, write), 0, place, "burst"))
        elif number not in seen:
            if bank.row is None:
                found.append((channel.act_at(bank), 1, place, "activate"))
            elif (number, bank.row) not in wanted:
                found.append((bank.pre_at, 2, place, "precharge"))
        seen.add(number)
    return min(found)
