"""From what a user wants measured to a plan and a meter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, parse_name_spec, unknown_name
from dfsrt.base.units import parse_whole
from dfsrt.network.layout import LAYOUTS
from dfsrt.network.precision import FLOAT_PRECISIONS
from dfsrt.network.zoo import shelf_names
from dfsrt.power.measure.plan import Plan
from dfsrt.power.measure.program import Program, program_of
from dfsrt.power.measure.sample import Subject
from dfsrt.power.measure.session import Meter
from dfsrt.power.measure.store import read_samples
from dfsrt.power.measure.wanted import Wanted

if TYPE_CHECKING:
    from dfsrt.power.measure.nvidia import NvidiaMeter, Timing

NVIDIA = "nvidia"


class Bench(Protocol):
    """A plan and, once it is to be run, the meter for it."""

    def subjects(self, part: int = 0, parts: int = 1) -> tuple[Subject, ...]:
        """Return one part of what is to be measured, in order."""
        ...

    def open_meter(self) -> Meter:
        """Return the meter, or raise InputError where there is none."""
        ...


def make_bench(wanted: Wanted) -> Bench:
    """Return the bench of ``wanted.device``.

    Raises:
        InputError: an unknown device, option or precision.
    """
    spec = parse_name_spec(wanted.device, "device")
    if spec.name == NVIDIA:
        return NvidiaBench(wanted, _index(spec), _timing(wanted))
    from dfsrt.power.measure.virtual_bench import VirtualBench

    return VirtualBench(wanted)


@dataclass(frozen=True, slots=True)
class NvidiaBench:
    """A real GPU: every operator that it has a kernel for, at the clock that it chooses."""

    wanted: Wanted
    index: int
    timing: Timing

    def subjects(self, part: int = 0, parts: int = 1) -> tuple[Subject, ...]:
        """Return one part of what is to be measured, in order."""
        from dfsrt.power.measure.torch_ops import OPERATORS

        w = self.wanted
        return Plan(
            networks=self._networks(),
            like=_subjects_of(w.like),
            dtypes=_types(w.precisions or {"fp16": 1.0}),
            batches=w.batches,
            reading=w.reading,
            per_network=w.per_network,
            sweep=w.sweep,
            seed=w.seed,
            operators=frozenset(OPERATORS),
            layout=_layout(w.layout),
        ).subjects(part, parts)

    def _networks(self) -> Sequence[str]:
        if self.wanted.networks is not None:
            return self.wanted.networks
        return () if self.wanted.like else shelf_names()

    def open_meter(self) -> NvidiaMeter:
        """Return the meter, or raise InputError where there is none."""
        from dfsrt.power.measure.nvidia import NvidiaMeter

        return NvidiaMeter(self.index, self.wanted.seed, self.timing)

    def programs(self) -> list[Program]:
        """Return each network at each batch size and precision as one program.

        Raises:
            NetworkError: a network cannot be read.
        """
        w = self.wanted
        types = _types(w.precisions or {"fp16": 1.0})
        layout = _layout(w.layout)
        return [
            program_of(source, batch, dtype, layout, w.reading)
            for source in w.networks or shelf_names()
            for batch in w.batches
            for dtype in types
        ]


def _timing(wanted: Wanted) -> Timing:
    from dfsrt.power.measure.nvidia import Timing

    usual = Timing()
    return Timing(
        usual.settle_s if wanted.settle_s is None else wanted.settle_s,
        usual.window_s if wanted.window_s is None else wanted.window_s,
    )


def _subjects_of(like: str | None) -> list[Subject]:
    """The layers of an earlier samples file, each once."""
    if like is None:
        return []
    first: dict[str, Subject] = {}
    for sample in read_samples(Path(like)):
        subject = msgspec.structs.replace(sample.subject, repeat=0)
        first.setdefault(subject.key, subject)
    return list(first.values())


def _index(spec: NameSpec) -> int:
    for key in spec.options:
        if key != "index":
            raise InputError(unknown_name("option of device nvidia", key, ["index"]))
    text = spec.options.get("index", "0")
    index = parse_whole(text)
    if index is None:
        raise InputError(f"GPU index '{text}' is no whole number; write it like nvidia:index=0")
    return index


def _layout(text: str) -> str:
    if text not in LAYOUTS:
        raise InputError(unknown_name("layout", text, LAYOUTS))
    return text


def _types(precisions: Mapping[str, float]) -> dict[str, float]:
    for name in precisions:
        if name not in FLOAT_PRECISIONS:
            raise InputError(unknown_name("precision", name, FLOAT_PRECISIONS))
    return {FLOAT_PRECISIONS[name]: share for name, share in precisions.items()}
