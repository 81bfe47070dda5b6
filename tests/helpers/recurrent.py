"""Recurrent layers by plain loops: their values with the products counted, their cycles and bytes.

It shares no function with dfsrt. Values are compared with onnxruntime's, so that what is counted is
what really runs.
"""

from __future__ import annotations

import numpy as np

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


class Cell:
    """One direction of a layer, step by step; ``macs`` counts what ``times`` multiplies."""

    def __init__(self, op, w, r, bias, peepholes, reset_first, input_forget):
        self.op, self.w, self.r, self.macs = op, w, r, 0
        self.hidden = r.shape[1]
        both = np.zeros(2 * len(w)) if bias is None else bias
        self.wb, self.rb = both[: len(w)], both[len(w) :]
        self.p = np.zeros(3 * self.hidden) if peepholes is None else peepholes
        self.reset_first, self.input_forget = reset_first, input_forget

    def times(self, matrix, vector):
        total = np.zeros(len(matrix))
        for row, weights in enumerate(matrix):
            for weight, value in zip(weights, vector, strict=True):
                total[row] += weight * value
                self.macs += 1
        return total

    def run(self, xs):
        """All states for one row of a batch, ``(steps, hidden)``."""
        h = c = np.zeros(self.hidden)
        states = []
        for x in xs:
            h, c = getattr(self, self.op.lower())(self.times(self.w, x) + self.wb, h, c)
            states.append(h)
        return np.array(states).reshape(len(xs), self.hidden)

    def lstm(self, a, h, c):
        i, o, f, g = np.split(a + self.times(self.r, h) + self.rb, 4)
        pi, po, pf = np.split(self.p, 3)
        i = sigmoid(i + pi * c)
        f = 1 - i if self.input_forget else sigmoid(f + pf * c)
        c = f * c + i * np.tanh(g)
        return sigmoid(o + po * c) * np.tanh(c), c

    def gru(self, a, h, _c):
        n = self.hidden
        z, r = np.split(sigmoid(a[: 2 * n] + self.times(self.r[: 2 * n], h) + self.rb[: 2 * n]), 2)
        if self.reset_first:
            inner = self.times(self.r[2 * n :], r * h) + self.rb[2 * n :]
        else:
            inner = r * (self.times(self.r[2 * n :], h) + self.rb[2 * n :])
        return (1 - z) * np.tanh(a[2 * n :] + inner) + z * h, h

    def rnn(self, a, h, _c):
        return np.tanh(a + self.times(self.r, h) + self.rb), h


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def naive_run(op, x, w, r, b=None, p=None, direction="forward", reset_first=True, forget=False):
    """All states, ``(steps, directions, batch, hidden)``, and the products of all of them."""
    out = np.zeros((x.shape[0], len(w), x.shape[1], r.shape[2]))
    macs = 0
    for d in range(len(w)):
        cell = Cell(
            op, w[d], r[d], None if b is None else b[d], None if p is None else p[d],
            reset_first, forget,
        )  # fmt: skip
        turn = slice(None, None, -1) if direction == "reverse" or d == 1 else slice(None)
        for row in range(x.shape[1]):
            out[:, d, row] = cell.run(x[turn, row])[turn]
        macs += cell.macs
    return out, macs


def systolic_cycles(products, steps, rows, cols, keeps):
    """Cycles of a weight-stationary array on which one direction after the other runs.

    ``products`` are (batch, k, n) of one step. A fold's weights come in a row a cycle; then so many
    rows stream, and the last result leaves ``rows + cols - 2`` cycles after its row. With ``keeps``
    what all folds of a step need lies on the array already, but in the first.
    """
    cycles = 0
    for step in range(steps):
        for batch, k, n in products:
            for _ in range(0, k, rows):
                for _ in range(0, n, cols):
                    cycles += 0 if keeps and step else rows
                    cycles += batch + rows + cols - 2
    return cycles


def fetched(steps, directions, matrix_bytes, half):
    """Bytes of the recurrent matrices that cross from DRAM: those that stay cross once."""
    crossed = 0
    for _ in range(directions):
        resident = False
        for _ in range(steps):
            if not resident:
                crossed += matrix_bytes
            resident = matrix_bytes <= half
    return crossed
