"""The experiment: every policy, every placement, network by network."""

from __future__ import annotations

from collections.abc import Iterable

from dfsrt.base.errors import InputError
from dfsrt.base.names import parse_name_spec
from dfsrt.cost.buffer_size import BufferSize
from dfsrt.cost.dram import Visit, steady_stream
from dfsrt.device.dram import Dram, load_dram
from dfsrt.network import Network
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.reproduce.bare import PRECISION, bare_traffic, bare_work, size_text
from dfsrt.reproduce.romanet.figures import LAYOUTS, ORDERS, PAPER, POLICIES
from dfsrt.reproduce.romanet.schema import NetworkParts, RomanetReport
from dfsrt.reproduce.romanet.scopes import Measured, Place, scopes_of
from dfsrt.reproduce.romanet.verdict import bursts_a_row, verdict


def reproduce(networks: Iterable[Network], buffer: BufferSize, dram: str) -> RomanetReport:
    """Return bytes by policy, rows by placement and their product, of networks in int8.

    Raises:
        InputError: an unknown DRAM, or a buffer that not even the least tile fits.
        DeviceError: a DRAM's file that breaks a rule.
    """
    drams = placed_drams(dram)
    part = next(iter(drams.values()))
    burst, most = part.organisation.burst_bytes, part.organisation.row_bytes
    return RomanetReport(
        schema_version=SCHEMA_VERSION,
        experiment="romanet",
        paper=PAPER.title,
        paper_source=PAPER.source,
        recalled=PAPER.recalled,
        precision=PRECISION,
        buffer=size_text(buffer),
        dram=part.description,
        worst_energy_per_byte_j=steady_stream(part, burst, Visit.SAME_BANK).energy_per_byte_j,
        best_energy_per_byte_j=steady_stream(part, most, Visit.NEXT_BANK).energy_per_byte_j,
        networks=tuple(_parts(network, buffer, drams) for network in networks),
    )


def placed_drams(dram: str) -> dict[Place, Dram]:
    """Return a DRAM with every layout and map of the experiment.

    Raises:
        InputError: no such DRAM, or one whose name chooses a layout or a map itself.
        DeviceError: a DRAM's file that breaks a rule.
    """
    spec = parse_name_spec(dram, "dram")
    if varied := [option for option in ("map", "layout") if option in spec.options]:
        raise InputError(
            f"dram '{dram}' chooses a {varied[0]}, which this experiment varies; give the part "
            f"without it, like '{spec.name}'"
        )
    places = [(layout, order) for layout in LAYOUTS for order in ORDERS]
    return {place: load_dram(f"{dram}:layout={place[0]}:map={place[1]}") for place in places}


def _parts(network: Network, buffer: BufferSize, drams: dict[Place, Dram]) -> NetworkParts:
    works = {policy: bare_work(network, buffer, policy) for policy in POLICIES}
    traffic = {policy: bare_traffic(work) for policy, work in works.items()}
    scopes = scopes_of(Measured(works[POLICIES[0]], traffic, drams))
    figure = PAPER.figure(network.name)
    paper = figure[0] if figure else None
    part = next(iter(drams.values()))
    room = None if paper is None else bursts_a_row(scopes[0], paper, part)
    return NetworkParts(
        network=network.name,
        paper=paper,
        bursts_a_row=room,
        verdict=verdict(network.name, scopes[0], room),
        scopes=scopes,
    )
