"""What computes a trained model's answers: the weights of a linear one, else onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.power.card import Card
from dfsrt.power.linear import linear_w
from dfsrt.power.linear_graph import linear_weights

if TYPE_CHECKING:
    import onnxruntime

Answers = Callable[[Floats], Mapping[str, Floats]]
"""Features ``(n_rows, n_features)`` to each output by name, ``(n_rows,)``."""


AT_ONCE = 1024
"""Rows that a session is asked at once: a kernel regression holds one number a row and center."""


def open_engine(path: Path, card: Card) -> Answers:
    """Return what answers for the model in ``path``, which is what ``card`` says it is.

    Raises, here or when asked:
        InputError: no model, features that it cannot take, or an answer that is no number.
    """
    weights = linear_weights(path, card.model_sha256) if card.kind == "npu" else None
    if weights is not None and len(weights) == len(card.features):
        found: Answers = partial(_weighed, weights)
    else:
        session = _open(path)
        if [i.name for i in session.get_inputs()] != ["features"]:
            raise InputError(f"'{path}' is no power model: its input is not 'features'")
        found = partial(_run, session, card.name)
    return lambda features: _finite(found(features), card.name)


def _weighed(weights: Floats, features: Floats) -> Mapping[str, Floats]:
    return {"power_w": linear_w(features, weights)}


def _run(
    session: onnxruntime.InferenceSession, name: str, features: Floats
) -> Mapping[str, Floats]:
    kind = np.float64 if "double" in session.get_inputs()[0].type else np.float32
    names = [o.name for o in session.get_outputs()]
    parts = np.split(features.astype(kind), range(AT_ONCE, len(features), AT_ONCE))
    try:
        answers = [session.run(names, {"features": part}) for part in parts]
    except Exception as error:  # onnxruntime has a family of its own, below Exception
        raise InputError(
            f"power model '{name}' cannot take its {features.shape[1]} features "
            f"({str(error).splitlines()[0]}); train it anew"
        ) from error
    columns = zip(names, zip(*answers, strict=True), strict=True)
    return {
        n: np.concatenate([np.reshape(v, -1) for v in c]).astype(np.float64) for n, c in columns
    }


def _finite(answers: Mapping[str, Floats], name: str) -> Mapping[str, Floats]:
    for output, values in answers.items():
        if not np.isfinite(values).all():
            raise InputError(
                f"power model '{name}' gives a {output} that is no number; "
                "it may not be trusted: train it anew"
            )
    return answers


def _open(path: Path) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            path, sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime has a family of its own, below Exception
        reason = str(error).splitlines()[0]
        raise InputError(f"'{path}' is no model that onnxruntime can run ({reason})") from error
