"""YOLOv8n against a published profile of it: no shape there comes from who builds it here."""

from __future__ import annotations

import csv
from collections import Counter

from dfsrt.device.truth_file import SHELF
from tests.helpers.graphs import built, shapes_of


def profiled():
    """Convolutions of the published profile: operator and shapes, each as often as it runs."""
    with (SHELF / "rk3588_yolov8n_1920.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["op"].startswith("conv")]
    sizes = ("in_channels", "in_h", "in_w", "out_channels", "kernel", "out_h", "out_w")
    return Counter((row["op"], *(int(row[size]) for size in sizes)) for row in rows)


def convolutions(model):
    """The same of a file: what reads a convolution is its activation."""
    shapes = shapes_of(model)
    for node in model.graph.node:
        if node.op_type == "Conv":
            readers = [n.op_type for n in model.graph.node if node.output[0] in n.input]
            name = {"Sigmoid": "+sigmoid", "Clip": "+clip", "Identity": ""}
            kind = "+silu" if sorted(readers) == ["Mul", "Sigmoid"] else name[readers[0]]
            x, w, y = (shapes[t] for t in (node.input[0], node.input[1], node.output[0]))
            yield ("conv" + kind, *x[1:], y[1], w[2], *y[2:])


def test_all_66_convolutions_of_the_profile_come_out_with_their_activations():
    found = Counter(convolutions(built("yolov8n:image=1920:classes=3")))
    assert found == profiled() and found.total() == 66


def test_the_other_operators_of_the_profile_come_out_as_often():
    with (SHELF / "rk3588_yolov8n_1920.csv").open() as file:
        rows = Counter(row["op"] for row in csv.DictReader(file))
    ops = Counter(n.op_type.lower() for n in built("yolov8n:image=1920:classes=3").graph.node)
    for op in ("add", "concat", "maxpool", "resize", "split"):
        assert ops[op] == rows[op]
