"""The question of a search over layers: which network, on what data, on which device, how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.network.load import network_file
from dfsrt.optimize.layer_choice import parse_choices
from dfsrt.run.fields import RunFields
from dfsrt.study.metric import Direction
from dfsrt.study.study import MAX_TRIALS, digest

FIDELITIES: Mapping[str, str] = {
    "sqnr_db": "signal to error at the outputs (dB)",
    "accuracy": "share of samples named as their labels say",
    "same": "share of samples named as by the network as given",
    "cosine": "cosine of the outputs",
}
"""What may stand for fidelity, higher is better."""
OPTIONS = "8/4/8x2of4/4x2of4/8x0.5/4x0.5"
"""What each layer's weights may become, where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSearch:
    """A search of the Pareto set of ``fidelity`` against energy a frame of ``source``.

    ``options`` are what a layer's weights may become, ``maps`` the bits that all maps may have.
    With ``refit`` what stays of a layer is fitted to its outputs. ``run`` holds fields of
    ``RunSpec``. ``batch`` trials are asked for together, whatever the number of workers.

    Raises:
        InputError: a fidelity or options that there are not, or no trial.
    """

    source: str
    data: str | None = None
    samples: int | None = None
    fidelity: str = "sqnr_db"
    options: str = OPTIONS
    maps: tuple[str, ...] = ("8", "16")
    refit: bool = True
    trials: int = 48
    batch: int = 8
    seed: int = 0
    sampler: str = "tpe"
    run: RunFields = field(default_factory=RunFields)

    def __post_init__(self) -> None:
        if self.fidelity not in FIDELITIES:
            raise InputError(unknown_name("fidelity", self.fidelity, FIDELITIES))
        if not 1 <= self.trials <= MAX_TRIALS:
            raise InputError(f"trials {self.trials} are out of range; give 1 to {MAX_TRIALS:,}")
        parse_choices(self.options)

    @property
    def name(self) -> str:
        """The network's name, for people."""
        return PurePath(self.source).stem

    @property
    def directions(self) -> list[Direction]:
        """Energy is to be low, fidelity high."""
        return ["minimize", "maximize"]

    def fingerprint(self) -> dict[str, object]:
        """Return all that the result depends on: itself, its files, and who works it out."""
        from importlib.metadata import version

        files = [network_file(self.source), Path(self.data or "")]
        said = {name: getattr(self, name) for name in self.__slots__ if name != "run"}
        return {
            "study": {**said, **{name: repr(value) for name, value in self.run.items()}},
            "files": {str(f): digest(str(f)) for f in files if f is not None and f.is_file()},
            "versions": {name: version(name) for name in ("dfsrt", "optuna", "onnxruntime")},
        }
