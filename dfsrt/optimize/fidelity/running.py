"""A model that runs for the sake of its tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.network.samples import Feed, Feeds, Tensors, element_type
from dfsrt.network.samples.session import model_bytes, open_session, run_session, session_options

if TYPE_CHECKING:
    import onnx

_THREADS = 1


@dataclass(frozen=True, slots=True)
class Running:
    """A model in onnxruntime that gives out tensors of one's choice.

    It runs as it is written, node by node: onnxruntime's own integer kernels, which it takes for
    quantized nodes where it may optimise, saturate on some processors.
    """

    model: onnx.ModelProto
    name: str

    def on(self, samples: Iterable[Feeds], names: Sequence[str]) -> Iterator[list[Feed]]:
        """Yield the tensors ``names`` for each sample.

        Raises:
            InputError: a sample that lacks an input.
            NetworkError: onnxruntime cannot load or run the model.
        """
        tensors = Tensors(self.model.graph, None)
        data = model_bytes(tensors.exposed(self.model, names), self.name)
        session = open_session(data, session_options(_THREADS, "disable", None), self.name)
        del data
        types = {name: element_type(name, kind) for name, kind in tensors.inputs.items()}
        for feeds in samples:
            if missing := sorted(set(types) - set(feeds)):
                raise InputError(
                    f"the samples have no input '{missing[0]}'; save all inputs of the model, "
                    f"{', '.join(types)}, by name"
                )
            typed = {name: feeds[name].astype(kind, copy=False) for name, kind in types.items()}
            yield run_session(session, typed, self.name)
