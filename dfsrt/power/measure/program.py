"""Programs: whole networks on a real card, each run as one graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.network.probe import Probe, network_probes
from dfsrt.network.reading import Reading
from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.networks_file import NetworksWriter
from dfsrt.power.whole import running

if TYPE_CHECKING:
    from dfsrt.power.measure.nvidia import NvidiaMeter


@dataclass(frozen=True, slots=True)
class Program:
    """A network at a batch size, all its nodes in order, and how its images lie."""

    network: str
    batch: int
    layout: str
    probes: tuple[Probe, ...]


def measure_networks(programs: Sequence[Program], meter: NvidiaMeter, out: Path) -> list[str]:
    """Read each of ``programs`` as one graph and write all to ``out``; return what could not run.

    Raises:
        InputError: none of them could run.
        OutputError: the file cannot be written.
    """
    writer, skipped = NetworksWriter(), []
    for program in programs:
        what = f"{program.network}, batch {program.batch}"
        layers = [probe.layer for probe in program.probes]
        try:
            reading = meter.measure_network(program.probes, program.layout, what)
        except CannotRunError as error:
            skipped.append(str(error))
            continue
        timed, layouts = running(layers, program.layout)
        names = (program.network, program.batch, program.layout)
        writer.add(names, timed, layouts, reading, meter.bench)
    if len(skipped) == len(programs):
        raise InputError(f"no network could run ({skipped[0]}); nothing was written")
    data = writer.encode()
    write_atomically(out, lambda path: path.write_bytes(data))
    return skipped


def program_of(source: str, batch: int, dtype: str, layout: str, reading: Reading) -> Program:
    """Return the network ``source`` as a program.

    Raises:
        NetworkError: it cannot be read or sized.
    """
    probes = tuple(p.as_type(dtype) for p in network_probes(source, reading, batch, views=True))
    name = source.rsplit("/", 1)[-1].removesuffix(".onnx")
    return Program(name, batch, layout, probes)
