"""Every case of ONNX's own operator tests: the right shape, or one clear refusal."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import onnx
import pytest

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model

# Operators whose work depends on values, or that no vision, language or diffusion network needs.
WITHOUT_RULE = {
    "AffineGrid", "BlackmanWindow", "CausalConvWithState", "Compress", "ConstantOfShape", "DFT",
    "DeformConv", "Det", "FlexAttention", "Gradient", "HammingWindow", "HannWindow",
    "ImageDecoder", "LinearAttention", "MelWeightMatrix", "NegativeLogLikelihoodLoss",
    "NonMaxSuppression", "NonZero", "OptionalGetElement", "OptionalHasElement", "Range",
    "RoiAlign", "STFT", "SequenceConstruct", "SequenceEmpty", "SoftmaxCrossEntropyLoss",
    "SplitToSequence", "TfIdfVectorizer", "Unique",
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
        shapes = {t.name: t.shape for layer in network.layers for t in layer.outputs}
        for output, array in zip(model.graph.output, wanted, strict=False):
            if output.name in shapes and isinstance(array, np.ndarray):
                assert shapes[output.name] == np.shape(array), name
    assert read > 1_000  # 1,219 with onnx 1.18, over 1,300 with 1.23
    assert set(refused) <= WITHOUT_RULE
