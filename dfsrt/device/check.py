"""Ranges: what each number of a device file may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device.activation import ACTIVATIONS
from dfsrt.device.build import build_npu, dram_of, engine_facts, opp_table, weights_of
from dfsrt.device.engine import engine_names, has_engine, make_engine
from dfsrt.device.idle_check import check_idle, check_states
from dfsrt.device.memory_points import check_memory_points
from dfsrt.device.npu import PREFETCHES
from dfsrt.device.rules import leakage_at_temperature, polynomial
from dfsrt.device.schema import DeviceFile, RegulatorEntry
from dfsrt.device.weights import check_weights
from dfsrt.network.precision import PRECISIONS

_MOST = 1e15
"""No number of a device is larger: times stay exact as float64, and energies finite."""

LEAST_REGULATED = 0.01
"""Efficiency below which a regulator is none, and watts are what no rail carries."""
MOST_EFFICIENCY = 4.0
"""No array is so many times as fast as its engine counts: folds overlap at most that far."""

_ABOVE_ZERO = {
    "array": ("rows", "cols", "count", "cycles_per_step"),
    "vector": ("lanes", "bytes_per_cycle"),
    "memory": ("buffer_bytes", "channel_pad"),
    "silicon": ("ref_uv",),
    "hidden": ("activity_mean", "capacitance_scale", "bin_leakage"),
    "run": ("cap_w",),
}
_NOT_NEGATIVE = {
    "clock": ("freq_switch_ns", "pll_switch_ns"),
    "memory": (
        *("resident_bytes", "bandwidth_bytes_per_s", "system_sram_bytes"),
        *("banks", "bank_bytes_per_cycle", "cache_row_ns"),
    ),
    "silicon": (
        "mac_pj",
        "register_pj_per_mac",
        "sram_pj_per_byte",
        "vector_pj_per_op",
        "clock_nf",
        "dram_pj_per_bit",
        "uncore_w",
        "fixed_w",
    ),
    "hidden": ("activity_sigma", "leakage_scale"),
    "run": ("launch_cycles", "launch_ns", "operator_launch_ns"),
}


def check_device(device: DeviceFile, is_preset: bool = False, says_idle: bool = True) -> None:
    """Check the numbers of ``device`` against physics and each other, in every silicon bin.

    Names of operators are not looked up for presets, whose tests do: that takes onnx. Idle states
    that a device takes from its base, as ``says_idle`` tells, need not fit its other numbers.

    Raises:
        DeviceError: the first number that is out of its range, by its path.
        InputError: an address map or a layout of its DRAM that cannot be used.
    """
    for keys, above_zero in ((_ABOVE_ZERO, True), (_NOT_NEGATIVE, False)):
        for table, names in keys.items():
            for name in names:
                value = getattr(getattr(device, table), name)
                _check_range(device.name, f"{table}.{name}", value, above_zero)
    _check_gating(device)
    _check_efficiency(device)
    _check_memory(device)
    check_memory_points(device)
    _check_buffer_split(device)
    _check_banks(device)
    _check_regulators(device)
    _check_leakage(device)
    _check_clock_tree(device)
    _check_precisions(device)
    _check_bins(device)
    _check_engine(device)
    _check_cores(device, is_preset)
    check_weights(weights_of(device), f"device '{device.name}'")
    dram_of(device)
    if says_idle:
        check_states(device)
        for name in ("", *device.opp.bins):
            check_idle(build_npu(device, bin=name))


def _check_range(
    name: str, path: str, value: float | Mapping[str, float], above_zero: bool
) -> None:
    values = value if isinstance(value, Mapping) else {"": value}
    for key, number in values.items():
        if number < 0 or (above_zero and number == 0) or number > _MOST:
            bound = "above 0" if above_zero else "0"
            raise DeviceError(
                f"device '{name}': {path}{'.' if key else ''}{key} is {number}; "
                f"allowed is {bound} to {_MOST:g}"
            )


def _check_memory(device: DeviceFile) -> None:
    for precision, slowdown in device.memory.overflow_slowdown.items():
        path = f"device '{device.name}': memory.overflow_slowdown"
        if precision not in PRECISIONS:
            raise DeviceError(f"{path}: {unknown_name('precision', precision, PRECISIONS)}")
        if not 1 <= slowdown <= 1000:
            raise DeviceError(f"{path}.{precision} is {slowdown}; allowed is 1 to 1000")
    if device.memory.prefetch not in PREFETCHES:
        known = unknown_name("prefetch", device.memory.prefetch, PREFETCHES)
        raise DeviceError(f"device '{device.name}': memory: {known}")
    if not device.memory.ideal and device.memory.bandwidth_bytes_per_s == 0:
        raise DeviceError(
            f"device '{device.name}': memory.bandwidth_bytes_per_s is 0 or missing; give a "
            "bandwidth above 0, or ideal = true for one without limit"
        )
    for key in ("read_bandwidth_bytes_per_s", "write_bandwidth_bytes_per_s"):
        stream = getattr(device.memory, key)
        if stream is not None and device.memory.ideal:
            raise DeviceError(
                f"device '{device.name}': memory.{key} is {stream:g}, and its memory is ideal; "
                "leave it out, or give memory.bandwidth_bytes_per_s"
            )
        if stream is not None:
            _check_range(device.name, f"memory.{key}", stream, True)


def _check_banks(device: DeviceFile) -> None:
    m = device.memory
    if bool(m.banks) != bool(m.bank_bytes_per_cycle):
        raise DeviceError(
            f"device '{device.name}': memory.banks is {m.banks} and memory.bank_bytes_per_cycle "
            f"{m.bank_bytes_per_cycle}; give both, or none"
        )


def _check_buffer_split(device: DeviceFile) -> None:
    split, total = device.memory.split_bytes, device.memory.buffer_bytes
    if split and (len(split) != 3 or min(split) < 1 or sum(split) != total):
        raise DeviceError(
            f"device '{device.name}': memory.split_bytes is {split}; allowed are three parts above "
            f"0, for inputs, weights and results, that add up to memory.buffer_bytes, {total}"
        )


def _check_gating(device: DeviceFile) -> None:
    gating = device.silicon.zero_gating
    if not 0 <= gating <= 1:
        raise DeviceError(
            f"device '{device.name}': silicon.zero_gating is {gating}; allowed is 0 to 1"
        )


def _check_efficiency(device: DeviceFile) -> None:
    efficiency = device.array.efficiency
    if not 0 < efficiency <= MOST_EFFICIENCY:
        raise DeviceError(
            f"device '{device.name}': array.efficiency is {efficiency}; "
            f"allowed is above 0 up to {MOST_EFFICIENCY:g}"
        )


def _check_regulators(device: DeviceFile) -> None:
    if device.rail.default not in device.rail.regulators:
        raise DeviceError(
            f"device '{device.name}': rail.default: "
            + unknown_name("regulator", device.rail.default, device.rail.regulators)
        )
    for key, regulator in device.rail.regulators.items():
        path = f"rail.regulators.{key}"
        _check_slew(device.name, path, regulator)
        _check_range(device.name, f"{path}.command_ns", regulator.command_ns, False)
        _check_range(device.name, f"{path}.settle_ns", regulator.settle_ns, False)
        if not LEAST_REGULATED <= regulator.efficiency <= 1:
            raise DeviceError(
                f"device '{device.name}': {path}.efficiency is {regulator.efficiency}; "
                f"allowed is {LEAST_REGULATED} to 1"
            )


def _check_slew(name: str, path: str, regulator: RegulatorEntry) -> None:
    if not regulator.instant:
        _check_range(name, f"{path}.slew_uv_per_us", regulator.slew_uv_per_us, True)
    elif regulator.slew_uv_per_us:
        raise DeviceError(
            f"device '{name}': {path} is instant and has a slew_uv_per_us; give one of the two"
        )


def _check_leakage(device: DeviceFile) -> None:
    s = device.silicon
    for index, term in enumerate(s.leakage):
        _check_range(device.name, f"silicon.leakage[{index}].power_w", term.power_w, False)
        _check_exponent(device.name, f"silicon.leakage[{index}].exponent", term.exponent)
    for path, temp_c in (
        ("silicon.ref_temp_c", s.ref_temp_c),
        ("hidden.temp_c", device.hidden.temp_c),
    ):
        if not -60 <= temp_c <= 200:
            raise DeviceError(f"device '{device.name}': {path} is {temp_c}; allowed is -60 to 200")
    coefficients = tuple(s.leakage_per_c)
    if polynomial(coefficients, s.ref_temp_c) <= 0:
        raise DeviceError(
            f"device '{device.name}': silicon.leakage_per_c is not above 0 at ref_temp_c = "
            f"{s.ref_temp_c}, where leakage is given; correct the cubic or the temperature"
        )
    heat = leakage_at_temperature(coefficients, device.hidden.temp_c, s.ref_temp_c)
    _check_range(device.name, "silicon.leakage_per_c at hidden.temp_c", heat, False)


def _check_clock_tree(device: DeviceFile) -> None:
    share = device.silicon.clock_stall_share
    if not 0 <= share <= 1:
        raise DeviceError(
            f"device '{device.name}': silicon.clock_stall_share is {share}; allowed is 0 (the "
            "clock tree stands still while the array waits) to 1 (all of it flows on)"
        )


def _check_exponent(name: str, path: str, exponent: float) -> None:
    # The ramp's closed form divides by exponent + 1.
    if not 0 <= exponent <= 20:
        raise DeviceError(f"device '{name}': {path} is {exponent}; allowed is 0 to 20")


def _check_precisions(device: DeviceFile) -> None:
    supported = device.array.cycles_per_step
    path = f"device '{device.name}': array.cycles_per_step"
    if not supported:
        raise DeviceError(f"{path} is empty; give one of {', '.join(PRECISIONS)}")
    for precision in supported:
        if precision not in PRECISIONS:
            raise DeviceError(f"{path}: {unknown_name('precision', precision, PRECISIONS)}")
    if device.run.precision not in supported:
        raise DeviceError(
            f"device '{device.name}': run.precision is '{device.run.precision}', which its array "
            f"does not have; allowed is one of {', '.join(sorted(supported))}"
        )
    _check_covered(device)


def _check_covered(device: DeviceFile) -> None:
    """Check that every table by precision has what the array supports."""
    s = device.silicon
    for path, table in (
        ("silicon.mac_pj", s.mac_pj),
        ("silicon.register_pj_per_mac", s.register_pj_per_mac),
        ("silicon.vector_pj_per_op", s.vector_pj_per_op),
        ("vector.lanes", device.vector.lanes),
    ):
        missing = sorted(set(device.array.cycles_per_step) - set(table))
        if missing:
            raise DeviceError(
                f"device '{device.name}': {path} has no entry for {missing[0]}, which "
                "array.cycles_per_step lists; add it"
            )


def _check_bins(device: DeviceFile) -> None:
    """Check the operating points of every bin, not only of the one that is loaded."""
    opp = device.opp
    if opp.default_bin and opp.default_bin not in opp.bins:
        raise DeviceError(
            f"device '{device.name}': opp.default_bin: "
            + unknown_name("bin", opp.default_bin, opp.bins)
        )
    for point in opp.points:
        for key in point.bins:
            if key not in opp.bins:
                raise DeviceError(
                    f"device '{device.name}': operating point {point.freq_hz} Hz: "
                    + unknown_name("bin", key, opp.bins)
                    + "; list it in opp.bins"
                )
    for name in ("", *opp.bins):
        opp_table(device, name)


def _check_engine(device: DeviceFile) -> None:
    """Check the facts of the engine in use; others are for the devices that use them."""
    for name in device.engine:
        if not has_engine(name):
            raise DeviceError(
                f"device '{device.name}': engine: {unknown_name('dataflow', name, engine_names())}"
            )
    dataflow = device.array.dataflow
    make_engine(dataflow, engine_facts(device, dataflow), device.name)


def _check_cores(device: DeviceFile, is_preset: bool) -> None:
    if device.cores is None:
        return
    _check_range(device.name, "cores.count", device.cores.count, True)
    bandwidth = device.cores.bandwidth_bytes_per_s
    _check_range(device.name, "cores.bandwidth_bytes_per_s", bandwidth, True)
    if not is_preset:
        _check_split(f"device '{device.name}': cores.split", device.cores.split)


def _check_split(path: str, split: Sequence[str]) -> None:
    from dfsrt.network.rules.registry import operator_names  # imports onnx: a tenth of a second

    for name in split:
        operator, plus, kind = name.partition("+")
        if operator not in operator_names():
            raise DeviceError(f"{path}: {unknown_name('operator', operator, operator_names())}")
        if plus and kind not in ACTIVATIONS[1:]:
            raise DeviceError(f"{path}: {unknown_name('activation', kind, ACTIVATIONS[1:])}")
