"""A scenario over time: charge, voltage, temperatures, power and limits, as columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dfsrt.base.arrays import Floats, Values
from dfsrt.recording.recording import Counters, Recording
from dfsrt.report.battery import surroundings_of
from dfsrt.report.timeline import no_slices
from dfsrt.run.run import Run


def series(run: Run) -> Mapping[str, Values]:
    """Return the samples' columns by name, ``(n_samples,)`` each.

    ``cap_w`` is in the cap's domain, ``npu_limit_w`` what thermal zones leave of the NPU's own
    watts, ``limit_w`` the lesser of the two; they are infinite where nothing limits the NPU.
    ``max_freq_hz`` is the fastest clock that trips leave. At most 4,096 samples: longer runs keep
    every second one, again and again.
    """
    around = surroundings_of(run)
    world, setting = around.world, around.setting
    count = int(world.state.n_samples)
    rows, temp_c = world.samples[:count], world.sample_temp_c[:count]
    freqs, frames = np.array(run.job.npu.opps.freqs_hz), rows["done"].copy()
    # The last sample is of the end, which may lie within a tick that the loop went through whole.
    frames[-1:] = run.book.frames
    columns = (
        "time_s", "charge", "voltage_v", "current_a", "power_w", "npu_w", "cap_w", "npu_limit_w",
    )  # fmt: skip
    return {
        **{name: rows[name].copy() for name in columns},
        "limit_w": np.minimum(rows["cap_w"], rows["npu_limit_w"]),
        "max_freq_hz": freqs[np.minimum(rows["max_level"], len(freqs) - 1)],
        "frames": frames,
        **{f"{name}_c": temp_c[:, k].copy() for k, name in enumerate(setting.node_names)},
    }


def recorded(run: Run) -> Recording:
    """Return the samples of a scenario as counters, in the units that Perfetto's forms want.

    ``NPU energy`` counts the joules of the cap's domain at the run's begin and end alone: between
    them are samples of power, each the mean of one tick, of which long runs do not keep all.
    """
    over = {name: values.astype(np.float64) for name, values in series(run).items()}
    world = surroundings_of(run).world
    charge = np.maximum(over["charge"], 0.0)
    counters: dict[tuple[str, str], Floats] = {
        ("battery charge", "C"): charge * world.pack.capacity_c,
        ("battery level", "%"): 100 * charge,
        ("battery voltage", "V"): over["voltage_v"],
        ("battery current", "A"): -over["current_a"],  # Android counts what flows in
        ("battery power", "W"): over["power_w"],
        ("NPU power", "W"): over["npu_w"],
        ("NPU limit", "W"): np.where(np.isfinite(over["limit_w"]), over["limit_w"], 0.0),
        ("frames", "requests"): over["frames"],
        **{
            (f"{name.removesuffix('_c')} temperature", "degC"): over[name]
            for name in list(over)[len(over) - len(world.temp_c) :]
        },
    }
    energy_j = float(run.book.component_j[: run.book.inside].sum())
    time_ns = np.rint(over["time_s"] * 1e9).astype(np.int64)
    times = [time_ns] * len(counters) + [np.array([0, run.book.span_ns])]
    counters["NPU energy", "J"] = np.array([0.0, energy_j])
    texts = tuple(dict.fromkeys(text for pair in counters for text in pair))
    place = {text: k for k, text in enumerate(texts)}
    lengths = [len(values) for values in counters.values()]
    return Recording(
        texts,
        no_slices(),
        Counters(
            np.repeat([place[name] for name, _ in counters], lengths),
            np.repeat([place[unit] for _, unit in counters], lengths),
            np.concatenate(times),
            np.concatenate(list(counters.values())),
        ),
    )
