"""A model that runs for many samples at once, from one place in its graph to the next."""

from __future__ import annotations

from dfsrt.network.samples import Feed, Feeds
from dfsrt.network.samples.session import model_bytes, open_session, run_session, session_options
from dfsrt.optimize.refit.parts import Parts


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
        given, called = self.states[0].keys(), self.parts.model.graph.name or "model"
        kept = {name for name in given if name in self.parts.read_from(place) or name == wanted}
        made = sorted(self.parts.made_between(self.at, place, wanted) - kept)
        if made:
            types = {name: value.dtype for name, value in self.states[0].items()}
            stretch = self.parts.stretch(self.at, place, types, made)
            data, inputs = model_bytes(stretch, called), [i.name for i in stretch.graph.input]
            session = open_session(data, session_options(1, "disable", None), called)
        for state in self.states:
            values = run_session(session, {n: state[n] for n in inputs}, called) if made else []
            for name in state.keys() - kept:
                del state[name]
            state.update(zip(made, values, strict=True))
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
