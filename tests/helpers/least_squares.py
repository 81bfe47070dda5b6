"""Least squares of a layer by brute force: the effect of each weight is measured."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

PULL = 1e-3


def layer_model(op, x_shape, weights, bias=None, **attributes):
    """A model of one product; ``weights`` and ``bias`` are its initializers ``w`` and ``b``."""
    inputs = ["x", "w"] + (["b"] if bias is not None else [])
    stored = {"w": weights} | ({} if bias is None else {"b": bias})
    graph = helper.make_graph(
        [helper.make_node(op, inputs, ["y"], **attributes)],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x_shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(a.astype(np.float32), n) for n, a in stored.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def outputs(model, feeds):
    """Its first output for each sample, one after another: ``(n_samples, ...)``."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.stack([session.run(None, dict(feed))[0] for feed in feeds])


def effects(model, feeds):
    """What the output is made of: ``(n_elements, n_samples, ...)`` for ``w``, and for ``b``."""
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    zero = {name: np.zeros_like(value) for name, value in values.items()}

    def of(name):
        for element in np.ndindex(values[name].shape):
            changed = {**zero, name: zero[name].copy()}
            changed[name][element] = 1
            yield outputs(with_values(model, changed), feeds)

    return {name: np.stack(list(of(name))) for name in values}


def with_values(model, values):
    """The model with other initializers."""
    copy = type(model)()
    copy.CopyFrom(model)
    for tensor in copy.graph.initializer:
        value = np.asarray(values[tensor.name], np.float32)
        tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    return copy


def best(model, smaller, feeds, tied, groups):
    """The values of ``w`` and ``b`` that the augmented system of all elements has.

    ``tied`` numbers the elements of ``w`` that change together, -1 those that do not; ``groups``
    those that have one pull, which is a share of the mean square of what they multiply.
    """
    target, now = outputs(model, feeds), outputs(smaller, feeds)
    effect = effects(model, feeds)
    matrix = effect["w"].reshape(tied.size, -1).T
    bias = effect["b"].reshape(len(effect["b"]), -1).T if "b" in effect else None
    return _solved(matrix, bias, (target - now).ravel(), tied.ravel(), groups.ravel())


def _solved(matrix, bias, rest, tied, groups):
    centred = matrix
    if bias is not None:
        centred = matrix - bias @ np.linalg.lstsq(bias, matrix)[0]
    squares = np.square(centred).sum(axis=0)
    pulls = np.array([PULL * squares[groups == g].mean() for g in groups])
    names = np.unique(tied[tied >= 0])
    together = (tied[:, None] == names).astype(float)
    columns = matrix @ together
    pulled = np.sqrt(pulls)[:, None] * together
    wide = np.zeros((len(columns), 0)) if bias is None else bias
    system = np.block([[columns, wide], [pulled, np.zeros((len(pulled), wide.shape[1]))]])
    solved = np.linalg.lstsq(system, np.concatenate([rest, np.zeros(len(pulled))]))[0]
    return together @ solved[: len(names)], solved[len(names) :]
