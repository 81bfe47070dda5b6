"""Mapping and sorting into runs, on graphs and profiles worked by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.capture.capture import assembled
from dfsrt.capture.graph import BareGraph, Node
from dfsrt.capture.mapping import by_name, by_tensor, with_names
from dfsrt.capture.session import Profiled, Settings
from dfsrt.recording.ort_events import Args, Event
from dfsrt.recording.ort_profile import Profile


def graph(*nodes: tuple[str, str, str, str], inputs: str = "x") -> BareGraph:
    """Nodes as (name, operator, inputs, outputs), names apart by spaces."""
    found = (Node(n, op, tuple(i.split()), tuple(o.split())) for n, op, i, o in nodes)
    return BareGraph(tuple(found), frozenset(inputs.split()))


FILE = graph(
    ("w", "ConstantOfShape", "s", "w0"),
    ("conv1", "Conv", "x w0", "c1"),
    ("relu1", "Relu", "c1", "r1"),
    ("conv2", "Conv", "r1 w1", "c2"),
    ("add", "Add", "c2 r1", "a"),
    ("relu2", "Relu", "a", "r2"),
    ("soft", "Softmax", "r2", "y"),
)


def test_without_optimisation_a_kernel_is_its_node_and_constants_are_apart():
    cover = by_name(FILE)
    assert cover.constants == {"w"}
    assert cover.nodes["conv2"] == (3,)
    assert "w" not in cover.nodes


def test_a_fused_kernel_takes_all_nodes_up_to_what_other_kernels_make():
    ran = graph(
        ("conv1", "FusedConv", "x w0", "r1"),
        ("conv2", "Conv", "r1 w1", "c2"),
        ("add", "Add", "c2 r1", "a"),
        ("relu2", "Relu", "a", "r2"),
        ("soft", "Softmax", "r2", "y"),
    )
    nodes = by_tensor(FILE, ran).nodes
    assert nodes == {"conv1": (1, 2), "conv2": (3,), "add": (4,), "relu2": (5,), "soft": (6,)}


def test_a_blocked_kernel_takes_the_addition_and_activation_after_it():
    ran = graph(
        ("in", "ReorderInput", "x", "t0"),
        ("r1_nchwc", "Conv", "t0 w0", "t1"),
        ("c2_nchwc", "Conv", "t1 w1 t1", "t2"),  # took in 'add' and 'relu2'
        ("out", "ReorderOutput", "t2", "r2"),
        ("soft", "Softmax", "r2", "y"),
    )
    nodes = by_tensor(FILE, ran).nodes
    assert nodes["r1_nchwc"] == (1, 2)
    assert nodes["c2_nchwc"] == (3, 4, 5)
    assert nodes["in"] == (1, 2)  # serves the kernel that reads it
    assert nodes["soft"] == (6,)


def test_nameless_kernels_are_known_by_their_order_and_only_if_operators_agree():
    ran = graph(("", "Exp", "x", "e"), ("act", "Relu", "e", "r"), ("", "Neg", "r", "y"))
    kernels = [("Exp_4", "Exp"), ("act", "Relu"), ("Neg_9", "Neg")]
    assert [n.name for n in with_names(ran, kernels).nodes] == ["Exp_4", "act", "Neg_9"]
    other = [("Neg_9", "Neg"), ("act", "Relu"), ("Exp_4", "Exp")]
    assert with_names(ran, other) == ran


@st.composite
def chains(draw):
    """A chain of nodes cut into kernels, each named by its last tensor."""
    length = draw(st.integers(1, 12))
    ends = sorted(draw(st.sets(st.integers(0, length - 1))) | {length - 1})
    whole = graph(
        *((f"n{i}", f"Op{i}", "x" if i == 0 else f"t{i - 1}", f"t{i}") for i in range(length))
    )
    starts = [0, *(end + 1 for end in ends[:-1])]
    ran = graph(
        *(
            (f"k{e}", "Fused", "x" if s == 0 else f"t{s - 1}", f"t{e}")
            for s, e in zip(starts, ends, strict=True)
        )
    )
    return whole, ran, {f"k{e}": tuple(range(s, e + 1)) for s, e in zip(starts, ends, strict=True)}


@given(chains())
def test_however_a_chain_is_fused_each_kernel_has_its_own_stretch(case):
    whole, ran, wanted = case
    assert by_tensor(whole, ran).nodes == wanted


def event(name: str, ts: int, dur: int, op: str = "") -> Event:
    kernel = f"{name}_kernel_time" if op else name
    return Event(name=kernel, ts=ts, dur=dur, cat="Node" if op else "Session", args=Args(op))


def assemble(events, runs=1, warmup=1):
    model = SimpleNamespace(graph=FILE, name="net")
    done = Profiled(Profile(tuple(events), 0), None, "1")
    return assembled(model, Settings(runs=runs, warmup=warmup), done)


def one_run(at: int) -> list[Event]:
    """A run of 100 µs: constants 5, a convolution 30 with a part inside it, softmax 20."""
    return [
        event("model_run", at, 100),
        event("w", at + 1, 5, "ConstantOfShape"),
        event("conv1", at + 10, 30, "Conv"),
        event("inside", at + 12, 8, "Exp"),
        event("soft", at + 40, 20, "Softmax"),
    ]


def test_a_profile_worked_by_hand():
    done = assemble([*one_run(1000), *one_run(1200), event("conv1", 1150, 9, "Conv")])
    assert [(a.node, a.start_ns, a.duration_ns) for a in done.layers] == [
        ("conv1", 10_000, 30_000),
        ("soft", 40_000, 20_000),
    ]
    (run,) = done.runs
    assert (run.start_ns, run.duration_ns, run.constants_ns) == (0, 100_000, 5_000)
    assert done.mapped_share == 1.0


def test_a_kernel_of_no_node_counts_as_not_mapped():
    strange = event("strange", 1270, 20, "Reorder")
    done = assemble([*one_run(1000), event("strange", 1070, 9, "Reorder"), *one_run(1200), strange])
    assert done.mapped_share == pytest.approx(50 / 70)
    assert done.layers[-1].nodes == ()
    assert done.layers[-1].node == "strange"


def test_lost_runs_and_lost_kernels_are_errors():
    with pytest.raises(InputError, match="1 runs instead of 2"):
        assemble(one_run(1000))
    with pytest.raises(InputError, match="from 2 to 3 kernels"):
        assemble([*one_run(1000), *one_run(1200), *one_run(1400)[:-1]], runs=2)
