"""A literal walk of layers that run row by row, each map in a buffer of lines."""

from __future__ import annotations

from typing import NamedTuple


class Slides(NamedTuple):
    """A window over rows."""

    size_in: int
    size_out: int
    kernel: int
    stride: int
    pad: int

    @classmethod
    def of(cls, axis):
        return cls(axis.size_in, axis.size_out, axis.kernel, axis.stride, axis.pad)

    def needs(self, row):
        """The rows that a row of results needs."""
        start = row * self.stride - self.pad
        return [y for y in range(start, start + self.kernel) if 0 <= y < self.size_in]


class _Line:
    """A map: which rows have come, which lie there, the most that ever did."""

    def __init__(self):
        self.come, self.there, self.most = set(), set(), 1


class _Reader:
    """A layer that makes map ``out`` of rows of ``ins``, each through its own window."""

    def __init__(self, ins, out, windows):
        self.ins, self.out, self.windows = ins, out, windows
        self.next, self.rows = 0, windows[0].size_out

    def ready(self, maps):
        pairs = zip(self.ins, self.windows, strict=True)
        return self.next < self.rows and all(
            set(w.needs(self.next)) <= maps[m].come for m, w in pairs
        )

    def still_needs(self, at, row):
        """Whether a row of its input number ``at`` is needed by results not made yet."""
        return any(row in self.windows[at].needs(r) for r in range(self.next, self.rows))


def walk(chain, join=None):
    """Return the most rows that lie in each map's buffer: of what comes in, then of each layer's.

    ``chain`` are windows one after the other; with ``join`` the results of two of them are added.
    """
    readers = [_Reader([i], i + 1, [slides]) for i, slides in enumerate(chain)]
    if join:
        size = chain[join[1]].size_out
        same = Slides(size, size, 1, 1, 0)
        readers.append(_Reader([join[0] + 1, join[1] + 1], len(chain) + 1, [same, same]))
    maps = [_Line() for _ in range(len(readers) + 1)]

    def arrive(m, row):
        line = maps[m]
        line.come.add(row)
        line.there.add(row)
        line.most = max(line.most, len(line.there)) if m else line.most
        for reader in [r for r in readers if m in r.ins]:
            while reader.ready(maps):
                made = reader.next
                reader.next += 1
                arrive(reader.out, made)
                for each in reader.ins:
                    forget(each)
        forget(m)

    def forget(m):
        users = [(r, r.ins.index(m)) for r in readers if m in r.ins]
        line = maps[m]
        line.there = {y for y in line.there if any(r.still_needs(at, y) for r, at in users)}

    for row in range(chain[0].size_in):
        arrive(0, row)
    window = max(len(chain[0].needs(r)) for r in range(chain[0].size_out))
    return [max(window, 1), *(line.most for line in maps[1:])]


def walk_parts(chain, parts, row_bytes):
    """Return the most bytes on chip of a chain that runs on one of equal parts after the other.

    ``row_bytes`` are those of a row of each map, from what comes in to the last result. Of the last
    one the rows of a part lie there until the part is done.
    """
    come = [set() for _ in row_bytes]
    there = [set() for _ in row_bytes]
    made, most, rows = [0] * len(chain), 0, chain[0].size_in
    for part in range(parts):
        upto = -(-(part + 1) * rows // parts)
        come[0] |= set(range(upto))
        there[0] |= set(range(-(-part * rows // parts), upto))
        for i, slides in enumerate(chain):
            while made[i] < slides.size_out and set(slides.needs(made[i])) <= come[i]:
                come[i + 1].add(made[i])
                there[i + 1].add(made[i])
                made[i] += 1
            most = max(most, sum(len(t) * b for t, b in zip(there, row_bytes, strict=True)))
            needed = {y for r in range(made[i], slides.size_out) for y in slides.needs(r)}
            there[i] &= needed
        there[-1].clear()
    assert made == [slides.size_out for slides in chain]
    return most
