"""Every case of ONNX's own operator tests: the right shape, or one clear refusal."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import onnx
import pytest

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model

# What no NPU runs, what hangs on data in the test's own way, and what other rooms count.
WITHOUT_RULE = {
    "FlexAttention", "Gradient", "ImageDecoder", "RegexFullMatch",
    "StringConcat", "StringNormalizer", "StringSplit", "TfIdfVectorizer",
}  # fmt: skip


def cases():
    """Cases with small operands after the first made constant, as in real files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        collected = collect_testcases("")
    for case in collected:
        given, wanted = case.data_sets[0] if case.data_sets else ((), ())
        for info, array in list(zip(case.model.graph.input, given, strict=False))[1:]:
            if isinstance(array, np.ndarray) and array.dtype.kind in "ifb" and array.size <= 64:
                case.model.graph.initializer.append(onnx.numpy_helper.from_array(array, info.name))
        yield case.name, case.model, wanted


@pytest.mark.slow
def test_every_operator_case_has_the_right_shape_or_a_clear_refusal():
    read, refused = 0, Counter()
    for name, model, wanted in cases():
        try:
            network = from_onnx_model(model, name)
        except NetworkError as error:
            assert "\n" not in str(error), name
            if "has no rule" in str(error):
                refused[str(error).split("operator '")[1].split("'")[0]] += 1
            continue
        read += 1
        at_most = any(".count=N" in note for note in network.notes)
        shapes = {t.name: t.shape for layer in network.layers for t in layer.outputs}
        for output, array in zip(model.graph.output, wanted, strict=False):
            if output.name in shapes and isinstance(array, np.ndarray):
                least = tuple(map(min, shapes[output.name], np.shape(array)))
                assert np.shape(array) == (least if at_most else shapes[output.name]), name
    assert read > 1_400  # 1,710 with onnx 1.23
    assert set(refused) <= WITHOUT_RULE
