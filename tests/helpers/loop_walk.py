"""A literal walk of a product's loops, with one tile of cache an operand, and a search by walking.

It shares no function with dfsrt: positions are sets, tiles are fetched where they change.
"""

from __future__ import annotations

from itertools import permutations, product

ORDERS = ["".join(order) for order in permutations("ckpq")]


def held(axis, results):
    """Input positions that a tile of results holds: from the first to the last that they need."""
    reach, needed = (axis.kernel - 1) * axis.dilation, set()
    for o in results:
        if axis.transposed:
            offsets = {i: o - i * axis.stride + axis.pad for i in range(axis.size_in)}
            needed |= {i for i, offset in offsets.items() if 0 <= offset <= reach}
        else:
            first = o * axis.stride - axis.pad
            needed |= set(range(first, first + max(reach, axis.stride - 1) + 1))
    return needed & set(range(axis.size_in))


def pieces(size, tile):
    return [range(a, min(a + tile, size)) for a in range(0, size, tile)]


class Walk:
    """Elements of one group that cross: ``input``, ``weight``, ``output``, ``partials``."""

    def __init__(self, nest, tile, order, lines=False):
        self.input = self.weight = self.output = self.partials = 0
        self.lines = lines
        c, k = pieces(nest.channels, tile[0]), pieces(nest.kernels, tile[1])
        p, q = pieces(nest.rows.size_out, tile[2]), pieces(nest.cols.size_out, tile[3])
        rows, cols = [held(nest.rows, x) for x in p], [held(nest.cols, x) for x in q]
        taps = nest.rows.kernel * nest.cols.kernel
        counts = {"c": len(c), "k": len(k), "p": len(p) * nest.images, "q": len(q)}
        at = {"input": None, "weight": None, "output": None}
        done = {}
        for index in product(*(range(counts[x]) for x in order)):
            i = dict(zip(order, index, strict=True))
            y = i["p"] % len(p)
            new = (i["c"], i["p"], i["q"])
            if at["input"] != new:
                self.input += len(c[i["c"]]) * self._fresh(at["input"], new, rows, cols)
                at["input"] = new
            if at["weight"] != (i["c"], i["k"]):
                self.weight += len(c[i["c"]]) * len(k[i["k"]]) * taps
                at["weight"] = (i["c"], i["k"])
            new = (i["k"], i["p"], i["q"])
            size = len(k[i["k"]]) * len(p[y]) * len(q[i["q"]])
            if at["output"] != new:
                self._leave(at["output"], done, len(c))
                self.partials += size if new in done else 0  # read back
                at["output"] = new
            done[new] = (done[new][0] + 1 if new in done else 1, size)
        self._leave(at["output"], done, len(c))

    def _fresh(self, old, new, rows, cols):
        """Positions of the new tile that the one before did not hold, where lines are kept."""
        n = len(rows)
        y, x = rows[new[1] % n], cols[new[2]]
        if self.lines and old is not None and old[0] == new[0]:
            same_image = old[1] // n == new[1] // n
            if same_image and new[1] == old[1] + 1 and new[2] == old[2]:
                return len(y - rows[old[1] % n]) * len(x)
            if new[1] == old[1] and new[2] == old[2] + 1:
                return len(y) * len(x - cols[old[2]])
        return len(y) * len(x)

    def _leave(self, tile, done, parts):
        if tile is None:
            return
        if done[tile][0] == parts:
            self.output += done[tile][1]
        else:
            self.partials += done[tile][1]  # written; counted again where it is read back


def moved(nest, tile, order, lines=False):
    """Bytes of inputs, weights, results, and of partial sums one way, of int8 operands."""
    walk = Walk(nest, tile, order, lines)
    n = nest.groups
    assert walk.partials % 2 == 0  # what is written comes back
    return n * walk.input, n * walk.weight, n * walk.output, n * 4 * walk.partials // 2


def rooms(nest, tile, double=False):
    """Bytes in the buffer of a tile of inputs, of weights and of results."""
    c, k, p, q = tile
    rows = max(len(held(nest.rows, x)) for x in pieces(nest.rows.size_out, p))
    cols = max(len(held(nest.cols, x)) for x in pieces(nest.cols.size_out, q))
    taps = nest.rows.kernel * nest.cols.kernel
    moves = moving(nest, tile)
    i, w, o = (0 if x.in_place else x.bits for x in (nest.input, nest.weight, nest.output))
    bits = {"cpq": c * rows * cols * i, "ck": c * k * taps * w}
    bits["kpq"] = k * p * q * (32 if "c" in moves else o)
    return tuple(
        -(-size // 8) * (2 if double and moves & set(loops) else 1) for loops, size in bits.items()
    )


def moving(nest, tile):
    """Loops of more than one step."""
    whole = (nest.channels, nest.kernels, nest.rows.size_out, nest.cols.size_out)
    moves = {x for x, n, size in zip("ckpq", tile, whole, strict=True) if n < size}
    return moves | ({"p"} if nest.images > 1 else set())


def all_tiles(nest):
    sizes = (nest.channels, nest.kernels, nest.rows.size_out, nest.cols.size_out)
    return product(*(range(1, n + 1) for n in sizes))


def fit(nest, tile, buffer):
    taken = rooms(nest, tile, buffer.double)
    if buffer.split_bytes is None:
        return sum(taken) <= buffer.total_bytes
    return all(a <= b for a, b in zip(taken, buffer.split_bytes, strict=True))


def search(nest, buffer):
    """For each tile that fits and each order that differs: its bytes, by walking, as ``moved``."""
    for tile in all_tiles(nest):
        if not fit(nest, tile, buffer):
            continue
        moves, seen = moving(nest, tile), set()
        for order in ORDERS:
            inner = tuple(x for x in order if x in moves)
            if inner not in seen:
                seen.add(inner)
                yield tile, order, moved(nest, tile, order, buffer.lines)
