"""A model that runs for many samples at once, from one place in its graph to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import NetworkError
from dfsrt.network.samples import Feed, Feeds
from dfsrt.optimize.refit.parts import Parts

if TYPE_CHECKING:
    import onnx
    from onnxruntime import InferenceSession


class Walk:
    """Samples on their way through a model; ``states`` hold what is still to be read, by name.

    Every node runs once for each sample, however many places are stopped at. What follows from
    stored constants alone is worked out anew on each stretch, so that constants may be replaced.
    """

    def __init__(self, parts: Parts, samples: tuple[Feeds, ...]) -> None:
        self.parts = parts
        self.at = 0
        self.states: list[dict[str, Feed]] = [dict(feeds) for feeds in samples]

    def advance(self, place: int, wanted: str = "") -> None:
        """Run up to the node at ``place``; ``wanted`` is kept even if nobody reads it later.

        Raises:
            NetworkError: onnxruntime cannot load or run the stretch.
        """
        given = self.states[0].keys()
        kept = {name for name in given if name in self.parts.read_from(place) or name == wanted}
        made = sorted(self.parts.made_between(self.at, place, wanted) - kept)
        if made:
            types = {name: value.dtype for name, value in self.states[0].items()}
            stretch = self.parts.stretch(self.at, place, types, made)
            session, inputs = _opened(stretch), [i.name for i in stretch.graph.input]
        for state in self.states:
            values = _run(session, {n: state[n] for n in inputs}, made) if made else {}
            for name in state.keys() - kept:
                del state[name]
            state.update(values)
        self.at = place

    @property
    def held_bytes(self) -> int:
        """Bytes that all states hold together."""
        return sum(value.nbytes for state in self.states for value in state.values())


def most_samples(parts: Parts, sample: Feeds, places: list[int], most_bytes: int) -> int:
    """Return how many samples can walk together with stops at ``places`` in ``most_bytes``.

    Raises:
        NetworkError: onnxruntime cannot load or run the model.
    """
    walk = Walk(parts, (sample,))
    peak = walk.held_bytes
    for place in places:
        walk.advance(place)
        peak = max(peak, walk.held_bytes)
    return max(most_bytes // max(peak, 1), 1)


def _opened(model: onnx.ModelProto) -> InferenceSession:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        data = model.SerializeToString()
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common public base
        raise _refused("load", error) from error


def _run(session: InferenceSession, feeds: Mapping[str, Feed], made: list[str]) -> dict[str, Feed]:
    try:
        values = session.run(made, dict(feeds))
    except Exception as error:  # as above
        raise _refused("run", error) from error
    return dict(zip(made, (np.asarray(value) for value in values), strict=True))


def _refused(what: str, error: Exception) -> NetworkError:
    reason = " ".join(str(error).split())[:300]
    return NetworkError(f"onnxruntime cannot {what} the network for a refit: {reason}")
