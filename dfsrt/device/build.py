"""From a device file to an ``Npu``: choose the silicon bin and the regulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device.idle_states import idle_states
from dfsrt.device.memory_points import memory_change, memory_points
from dfsrt.device.npu import (
    Clock,
    Cores,
    Dataflow,
    Hidden,
    LeakageTerm,
    Memory,
    Npu,
    Silicon,
    SystolicArray,
    VectorUnit,
)
from dfsrt.device.opp import OperatingPoint, OppTable
from dfsrt.device.provenance import BESIDE, sources_of
from dfsrt.device.rail import Rail
from dfsrt.device.schema import DeviceFile
from dfsrt.device.weights import Weights

if TYPE_CHECKING:  # few devices name a part
    from dfsrt.device.dram import Dram


def build_npu(device: DeviceFile, bin: str = "", rail: str = "", cores: str = "") -> Npu:
    """Return the device with a silicon bin, a regulator and so many cores; empty means default.

    By default a network runs on one core.

    Raises:
        DeviceError: an unknown bin or regulator, cores that it lacks, or operating points that
            break a rule.
    """
    chosen_bin, chosen_cores = bin or device.opp.default_bin, _cores(device, cores or "1")
    used = 1 if chosen_cores is None else chosen_cores.used
    if chosen_bin and chosen_bin not in device.opp.bins:
        raise DeviceError(unknown_name(f"bin of {device.name}", chosen_bin, device.opp.bins))
    opps = opp_table(device, chosen_bin)
    return Npu(
        name=device.name,
        description=device.description,
        opps=opps,
        rail=_rail(device, rail or device.rail.default),
        clock=Clock(device.clock.freq_switch_ns, device.clock.pll_switch_ns),
        memory=_memory(device),
        array=_array(device),
        vector=VectorUnit(device.vector.lanes, device.vector.bytes_per_cycle),
        silicon=_silicon(device, used),
        hidden=_hidden(device, chosen_bin),
        launch_cycles=device.run.launch_cycles,
        precision=device.run.precision,
        default_cap_w=device.run.cap_w * used,
        bin=chosen_bin,
        sources=_sources(device, rail or device.rail.default),
        engine=engine_facts(device, device.array.dataflow),
        launch_ns=device.run.launch_ns,
        cores=chosen_cores,
        dram=dram_of(device),
        weights=weights_of(device),
        idle=idle_states(device, used, max(opps.rails_uv)),
        operator_launch_ns=device.run.operator_launch_ns,
    )


def opp_table(device: DeviceFile, bin: str) -> OppTable:
    """Return the operating points of silicon bin ``bin``; empty means the plain voltages.

    Raises:
        DeviceError: points that break a rule of ``OppTable``.
    """
    points = tuple(
        OperatingPoint(p.freq_hz, p.bins.get(bin, p.rail_uv), p.pll_group, p.turbo)
        for p in device.opp.points
    )
    try:
        return OppTable(points)
    except DeviceError as error:
        where = f"device '{device.name}'" + (f", bin {bin}" if bin else "")
        raise DeviceError(f"{where}: {error}") from error


def engine_facts(device: DeviceFile, dataflow: str) -> dict[str, object]:
    """Return what ``device`` says of the engine of ``dataflow``, sources and ranges left out."""
    return {k: v for k, v in device.engine.get(dataflow, {}).items() if k not in BESIDE}


def dram_of(device: DeviceFile) -> Dram | None:
    """Return the DRAM that a device's file says; None where it says none.

    Raises:
        DeviceError: a number that breaks a rule.
        InputError: a map or a layout that cannot be used.
    """
    entry = device.dram
    if entry is None:
        return None
    from dfsrt.device.dram.build import build_dram
    from dfsrt.device.dram.load import checked

    name = entry.part or f"of {device.name}"
    return checked(f"device '{device.name}': dram", lambda: build_dram(entry, name))


def weights_of(device: DeviceFile) -> Weights:
    """Return what a device's file says of small, sparse and shared weights."""
    w = device.weights
    return Weights(
        decode=tuple(w.decode),
        gap_bits=(w.gap_bits,) if isinstance(w.gap_bits, int) else tuple(w.gap_bits),
        decoded_per_cycle=w.decoded_per_cycle,
        pointwise_only=w.pointwise_only,
        least_outputs=w.least_outputs,
        skip=w.skip,
        skip_efficiency=w.skip_efficiency,
        skip_precisions=tuple(w.skip_precisions),
        skip_inputs=w.skip_inputs,
    )


def _rail(device: DeviceFile, name: str) -> Rail:
    known = device.rail.regulators
    if name not in known:
        raise DeviceError(unknown_name(f"rail of {device.name}", name, known))
    r = known[name]
    slew = float("inf") if r.instant else r.slew_uv_per_us
    return Rail(name, r.command_ns, slew, r.settle_ns, r.efficiency)


def _sources(device: DeviceFile, rail: str) -> dict[str, str]:
    """Return the source of every number in use: of one regulator and of one engine only."""
    used = {f"rail.regulators.{rail}.", f"engine.{device.array.dataflow}."}
    listed = {f"rail.regulators.{name}." for name in device.rail.regulators}
    unused = tuple((listed | {f"engine.{name}." for name in device.engine}) - used)
    sources = sources_of(msgspec.to_builtins(device))
    return {path: text for path, text in sources.items() if not path.startswith(unused)}


def _memory(device: DeviceFile) -> Memory:
    m = device.memory
    bandwidth = float("inf") if m.ideal else m.bandwidth_bytes_per_s
    return Memory(
        bandwidth_bytes_per_s=bandwidth,
        buffer_bytes=m.buffer_bytes,
        resident_bytes=m.resident_bytes,
        overflow_slowdown=m.overflow_slowdown,
        split_bytes=(m.split_bytes[0], m.split_bytes[1], m.split_bytes[2])
        if m.split_bytes
        else None,
        double_buffer=m.double_buffer,
        line_buffer=m.line_buffer,
        channel_pad=m.channel_pad,
        system_sram_bytes=m.system_sram_bytes,
        banks=m.banks,
        bank_bytes_per_cycle=m.bank_bytes_per_cycle,
        mapper=m.mapper,
        schedule=m.schedule,
        prefetch=m.prefetch,
        points=memory_points(device),
        change=memory_change(device),
        read_share=_share(m.read_bandwidth_bytes_per_s, bandwidth),
        write_share=_share(m.write_bandwidth_bytes_per_s, bandwidth),
        cache_row_ns=m.cache_row_ns,
    )


def _share(stream: float | None, bandwidth: float) -> float:
    return 1.0 if stream is None else stream / bandwidth


def _split(parts: list[int]) -> tuple[int, int, int] | None:
    return (parts[0], parts[1], parts[2]) if parts else None


def _array(device: DeviceFile) -> SystolicArray:
    a = device.array
    dataflow = Dataflow(a.dataflow) if a.dataflow in list(Dataflow) else a.dataflow
    return SystolicArray(a.rows, a.cols, a.count, dataflow, a.cycles_per_step, a.efficiency)


def _cores(device: DeviceFile, used: str) -> Cores | None:
    c = device.cores
    count = 1 if c is None else c.count
    if not used.isdecimal() or not 1 <= int(used) <= count:
        has = "tells of no cores" if c is None else f"has {count}"
        allowed = "give 1" if count == 1 else f"give a whole number from 1 to {count}"
        raise DeviceError(
            f"cores '{used}': {device.name} {has}; {allowed}, or leave 'cores=' out for one"
        )
    if c is None:
        return None
    split = tuple(sorted(c.split))
    return Cores(count, int(used), c.bandwidth_bytes_per_s, split, c.own_clocks)


def _silicon(device: DeviceFile, cores: int) -> Silicon:
    """Energies of actions, and clock tree, leakage and fixed power of all ``cores`` in use."""
    s = device.silicon
    return Silicon(
        ref_uv=s.ref_uv,
        mac_pj=s.mac_pj,
        register_pj_per_mac=s.register_pj_per_mac,
        sram_pj_per_byte=s.sram_pj_per_byte,
        vector_pj_per_op=s.vector_pj_per_op,
        clock_farad=s.clock_nf * 1e-9 * cores,
        leakage=tuple(LeakageTerm(term.power_w * cores, term.exponent) for term in s.leakage),
        leakage_per_c=tuple(s.leakage_per_c),
        ref_temp_c=s.ref_temp_c,
        dram_pj_per_bit=s.dram_pj_per_bit,
        uncore_w=s.uncore_w,
        fixed_w=s.fixed_w * cores,
        clock_stall_share=s.clock_stall_share,
        zero_gating=s.zero_gating,
    )


def _hidden(device: DeviceFile, bin: str) -> Hidden:
    h = device.hidden
    return Hidden(
        activity_mean=h.activity_mean,
        activity_sigma=h.activity_sigma,
        temp_c=h.temp_c,
        leakage_scale=h.leakage_scale * h.bin_leakage.get(bin, 1.0),
        capacitance_scale=h.capacitance_scale,
    )
