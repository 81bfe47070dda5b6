"""onnxruntime's profiles: a layer a node, with the mean time of its kernel over all runs.

Source: profiles of onnxruntime 1.10 to 1.32; before 1.12 each kernel has fences beside it, and
before 1.11 no shapes.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.recording import ort_profile
from dfsrt.recording.json_records import Records, list_start, text_of
from dfsrt.recording.layer_times.layer_time import LayerTime
from dfsrt.recording.layer_times.rows import Profile
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.ort_profile import KERNEL, Event, read_profile
from dfsrt.recording.ort_runs import MODEL_RUN, kernels_by_run

TOOL = "onnxruntime's end_profiling()"
SLOW_START = 1.5
"""A first run that takes so many times the mean of the others is said."""


class _Args(msgspec.Struct):
    """A kernel's shapes, like ``[{"float": [1, 3, 8, 8]}, {"float": [4, 3, 3, 3]}]``."""

    input_type_shape: object = None
    output_type_shape: object = None


class _Shaped(msgspec.Struct):
    name: str
    args: _Args = msgspec.field(default_factory=_Args)


_Tensor = tuple[str, tuple[int, ...]]
_Key = tuple[str, int]


def profile(path: Path, data: bytes) -> Profile:
    """Return each node's mean time a run, kernels inside an If or a Loop left out.

    Raises:
        InputError: the file is no profile, cut short, or holds no whole run.
    """
    recorded = read_profile(path)
    events = sorted(recorded.events, key=lambda e: (e.ts, -e.dur))
    runs = [event for event in events if event.name == MODEL_RUN]
    if not runs:
        raise InputError(
            f"'{path}' holds no whole run of the model, no event '{MODEL_RUN}'; run it before "
            f"{TOOL}"
        )
    by_run = kernels_by_run(runs, events)
    counts = [len(kernels) for kernels in by_run]
    if recorded.is_unfinished and len(counts) > 1 and counts[-1] < counts[-2]:
        runs, by_run = runs[:-1], by_run[:-1]
    out = Profile(path, about={"runs": str(len(runs))})
    _leave_out(recorded, out)
    shapes = _shapes(path, data, recorded.damaged)
    for (name, _), kernels in _by_node(by_run).items():
        time_s = sum(kernel.duration_ns for kernel in kernels) / len(runs) / 1e9
        out.rows.append(_layer(name, kernels[0], time_s, shapes))
    out.notes += [*_notes(by_run), *_on_device(recorded, runs)]
    return out.finish(TOOL)


def _leave_out(recorded: ort_profile.Profile, out: Profile) -> None:
    """Count broken events; of an unfinished profile the last is of no whole run."""
    last = int(recorded.is_unfinished)
    out.bad += [recorded.left_out.first] * (recorded.left_out.count - last)
    if last:
        out.notes.append(
            "the profile has no end, its process never called end_profiling(): rows are missing "
            "where its last run is not whole"
        )


def _on_device(recorded: ort_profile.Profile, runs: list[Event]) -> list[str]:
    """Say that a GPU's kernels took other times than the nodes that started them."""
    kernels = [event.duration_ns for event in recorded.events if event.is_on_device]
    if not kernels:
        return []
    return [
        f"times are the host's, which waits for no GPU: {len(kernels)} kernels beside them took "
        f"{sum(kernels) / len(runs) / 1e6:.3f} ms a run"
    ]


def _by_node(by_run: list[list[Event]]) -> dict[_Key, list[Event]]:
    """Kernels by their node's name, and by which of that name in its run they are."""
    nodes: dict[_Key, list[Event]] = {}
    for kernels in by_run:
        names: Counter[str] = Counter()
        for kernel in kernels:
            nodes.setdefault((kernel.node, names[kernel.node]), []).append(kernel)
            names[kernel.node] += 1
    return nodes


def _notes(by_run: list[list[Event]]) -> list[str]:
    whole = [sum(kernel.duration_ns for kernel in kernels) for kernels in by_run]
    notes = []
    if len({len(kernels) for kernels in by_run}) > 1:
        notes.append("runs have different kernels; a layer's time is its mean over all runs")
    if len(whole) > 1:
        others_ns = sum(whole[1:]) / (len(whole) - 1)
        if others_ns and whole[0] > SLOW_START * others_ns:
            notes.append(
                f"the first of {len(whole)} runs took {whole[0] / others_ns:.1f} times the mean of "
                "the others and is in the mean; profile more runs to be rid of it"
            )
    return notes


def _shapes(path: Path, data: bytes, damaged: bool) -> dict[str, _Args]:
    """Arguments of the first kernel of each name."""
    shapes: dict[str, _Args] = {}
    try:
        events = _one_by_one(data) if damaged else msgspec.json.decode(data, type=list[_Shaped])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"'{path}' has shapes that are none ({error}); profile again") from error
    for event in events:
        if event.args.output_type_shape is not None:
            shapes.setdefault(event.name.removesuffix(KERNEL), event.args)
    return shapes


def _one_by_one(data: bytes) -> list[_Shaped]:
    text = text_of(data)
    shaped = []
    for record in Records(text, list_start(text), ("name",), LeftOut("events")):
        name, args = record["name"], record.get("args")
        if isinstance(name, str) and isinstance(args, dict):
            both = (args.get("input_type_shape"), args.get("output_type_shape"))
            shaped.append(_Shaped(name, _Args(*both)))
    return shaped


def _layer(name: str, kernel: Event, time_s: float, shapes: dict[str, _Args]) -> LayerTime:
    args = shapes.get(name, _Args())
    inputs, outputs = _tensors(args.input_type_shape), _tensors(args.output_type_shape)
    op = kernel.args.op_name
    return LayerTime(
        name=name,
        op=op,
        time_s=time_s,
        input_shape=inputs[0][1] if inputs else (),
        output_shape=outputs[0][1] if outputs else (),
        dtype=outputs[0][0] if outputs else "",
        weight_shape=inputs[1][1] if len(inputs) > 1 and "Conv" in op else (),
        target=kernel.args.provider.removesuffix("ExecutionProvider").lower(),
    )


def _tensors(shapes: object) -> list[_Tensor]:
    """Types and shapes as a profile lists them; nothing where it lists something else."""
    tensors: list[_Tensor] = []
    for tensor in shapes if isinstance(shapes, list) else ():
        if not isinstance(tensor, dict) or len(tensor) != 1:
            return []
        [(kind, sides)] = tensor.items()
        if not isinstance(sides, list) or not all(isinstance(side, int) for side in sides):
            return []
        tensors.append((kind, tuple(sides)))
    return tensors
