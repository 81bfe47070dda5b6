"""Conformance of transforms: subclass, name yours or say how to make it; pytest collects the rest.

class TestMine(TransformConformance):
    transform = "mine.py:Mine:share=0.5"


class TestOther(TransformConformance):
    def make(self):
        return Other()
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dfsrt.network import Network
from dfsrt.network.load import from_onnx_model
from dfsrt.network.reading import Reading
from dfsrt.optimize import (
    ShapeTransform,
    SizeTransform,
    Transform,
    apply_steps,
    make_transform,
    parse_steps,
    sized_by_steps,
    transform_label,
)
from dfsrt.testing.models import odd_models, random_calibration

if TYPE_CHECKING:
    import onnx

Case = tuple[str, "onnx.ModelProto", "onnx.ModelProto"]


class TransformConformance:
    """What every transform must do, whatever its policy.

    ``transform`` names the one under test as ``--steps`` does, a Python file's path from where
    pytest is run.
    """

    transform: ClassVar[str] = ""

    def make(self) -> Transform:
        """Return a fresh transform; each test calls this anew.

        Raises:
            NotImplementedError: a subclass that neither names one nor makes one.
        """
        if not self.transform:
            raise NotImplementedError(
                "set 'transform' to a name, or return an instance from 'make'"
            )
        return parse_steps(self.transform)[0]

    def models(self) -> dict[str, onnx.ModelProto]:
        """Return the models that are tried; a transform for fewer of them says which."""
        return odd_models()

    def cases(self) -> Iterator[Case]:
        """Yield what it is, the model, and what a transform made of it, once for all tests."""
        for what, model in self.models().items():
            yield what, model, _made(self, what, model)

    def applied(self, model: onnx.ModelProto) -> onnx.ModelProto:
        """Return what a fresh transform makes of ``model``, as a chain of one step."""
        *_, last = apply_steps(model, [self.make()], random_calibration(model))
        return last.model

    def test_the_model_given_is_left_as_it_is(self) -> None:
        """Others work on it, too."""
        for what, model in self.models().items():
            before = model.SerializeToString(deterministic=True)
            self.applied(model)
            assert model.SerializeToString(deterministic=True) == before, what

    def test_the_result_runs_with_the_same_inputs_and_outputs(self) -> None:
        """In onnxruntime: names, shapes and types, and finite numbers come out."""
        for what, model, smaller in self.cases():
            assert _ends(smaller) == _ends(model), what
            for array in _outputs(smaller):
                assert np.isfinite(array).all(), what

    def test_the_result_loads_in_dfsrt_and_is_no_more_work(self) -> None:
        """As any other file does, with what its values allow."""
        for what, model, smaller in self.cases():
            before, after = from_onnx_model(model, what), from_onnx_model(smaller, what)
            assert after.macs <= before.macs, what
            assert (after.inputs, after.outputs) == (before.inputs, before.outputs), what

    def test_the_same_model_and_data_give_the_same_file(self) -> None:
        """A transform has no memory, and dice of a fixed seed."""
        for what, model, smaller in self.cases():
            once = smaller.SerializeToString(deterministic=True)
            assert self.applied(model).SerializeToString(deterministic=True) == once, what

    def test_no_element_takes_more_bits_than_before(self) -> None:
        """Scales and zero points aside, which are counted apart."""
        for what, model, smaller in self.cases():
            before, after = from_onnx_model(model, what), from_onnx_model(smaller, what)
            assert _element_bits(after) <= _element_bits(before), what

    def test_sizes_alone_come_out_as_those_of_the_file(self) -> None:
        """Where a transform tells them of a network without values; scales are among them."""
        step = self.make()
        if not isinstance(step, SizeTransform):
            return
        for what, model, smaller in self.cases():
            if isinstance(step, ShapeTransform) and step.changes_graph:
                sized = from_onnx_model(step.on_shapes(model, Reading()), what)
            else:
                sized = sized_by_steps(from_onnx_model(model, what), [step])
            file = from_onnx_model(smaller, what)
            assert sized.macs == file.macs, what
            assert _multiplied_bytes(sized) == _multiplied_bytes(file), what

    def test_its_label_reads_back(self) -> None:
        """What reports call it can be typed again."""
        step = self.make()
        label = transform_label(step)
        (again,) = parse_steps(label)
        assert transform_label(again) == label
        assert transform_label(make_transform(step)) == label


_MADE: dict[tuple[type, str], onnx.ModelProto] = {}


def _made(suite: TransformConformance, what: str, model: onnx.ModelProto) -> onnx.ModelProto:
    key = type(suite), what
    if key not in _MADE:
        _MADE[key] = suite.applied(model)
    return _MADE[key]


def _ends(model: onnx.ModelProto) -> tuple[list[str], list[str]]:
    stored = {t.name for t in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in stored]
    return [str(i) for i in inputs], [str(o) for o in model.graph.output]


def _outputs(model: onnx.ModelProto) -> list[np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, dict(random_calibration(model, 1, seed=1).samples[0])))


def _element_bits(network: Network) -> int:
    stored: dict[str, int] = {}
    for tensor in (t for layer in network.layers for t in layer.weights):
        bits = tensor.elements * tensor.bits
        stored[tensor.stored_as] = max(stored.get(tensor.stored_as, 0), bits)
    return sum(stored.values())


def _multiplied_bytes(network: Network) -> list[int]:
    """Bytes of the constants that products multiply, with their scales, layer by layer."""
    layers = [layer for layer in network.layers if layer.gemms]
    reads = [{t.name for t in layer.multiplied} for layer in layers]
    return [
        sum(t.bytes for t in layer.weights if t.name in own)
        for layer, own in zip(layers, reads, strict=True)
    ]
