"""Training: from samples to a model folder that carries its own proof."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.base.extras import need
from dfsrt.base.files import make_folder, write_atomically
from dfsrt.base.places import own_name
from dfsrt.base.reading import read_bytes
from dfsrt.base.whole import check_seed
from dfsrt.device.load import load_device
from dfsrt.device.npu import Npu
from dfsrt.power.bundle import CARD, GOLDEN, GOLDEN_ROWS, MODEL, NETWORKS, SAMPLES
from dfsrt.power.card import FORMAT, Card, ClockLaw, Errors, Target, WholeNetworks, card_text
from dfsrt.power.clock_law import settled
from dfsrt.power.learn.baselines import BASELINES
from dfsrt.power.learn.bounds import bounds_of
from dfsrt.power.learn.export import to_onnx_bytes
from dfsrt.power.learn.kernel import fit_kernel
from dfsrt.power.learn.learner import Fitted, GpuLearner, Learner, NpuLearner, log_demand
from dfsrt.power.learn.repeats import repeats_of
from dfsrt.power.learn.rows import Rows, gpu_rows, npu_rows
from dfsrt.power.learn.validate import (
    check_groups,
    counted_groups,
    errors_of,
    out_of_fold,
    out_of_fold_by,
    target_of,
)
from dfsrt.power.learn.whole_networks import whole_networks
from dfsrt.power.measure.networks_file import read_networks
from dfsrt.power.measure.sample import Idle, Sample
from dfsrt.power.measure.store import encode_samples, read_idle, read_samples

LICENSE = "Apache-2.0"
EXPONENTS = (1.5, 2.0, 2.5, 3.0)
"""Clock laws that are tried. P = C·f·V² gives 1 at constant voltage and 3 where V follows f."""

OnDone = Callable[[str, int, int], None]
"""(what, done, of how many)"""


@dataclass(frozen=True)
class Trained:
    """A trained model, all in memory: its card, its files, and what figures are drawn from."""

    card: Card
    model: bytes
    golden: str
    rows: Rows
    predicted: dict[str, Floats]
    answers: Mapping[str, Floats]


def train(
    samples: Sequence[Sample],
    idle: Sequence[Idle],
    name: str,
    samples_sha256: str,
    seed: int = 0,
    on_done: OnDone = lambda _what, _done, _total: None,
    npu: Npu | None = None,
    networks: Path | None = None,
    one_in: int = 1,
) -> Trained:
    """Return the model trained on ``samples``, validated by group and bounded.

    ``npu`` is the simulated device, where its name alone does not find it; ``networks`` is a file
    of whole networks on a real card, which are not learned from. ``one_in`` validates by one group
    in so many; errors that all of them make are then NaN.

    Raises:
        InputError: samples of several devices, too few groups, another device version, whole
            networks of a simulated device, or a package that is not installed.
    """
    need("train")
    benches = {(s.bench.meter, s.bench.device) for s in samples}
    if len(benches) != 1:
        told = ", ".join(sorted(f"{device} ({meter})" for meter, device in benches)) or "none"
        raise InputError(f"a model is of one device; the samples are of: {told}")
    check_seed(seed)
    meter = samples[0].bench.meter
    if meter == "virtual":
        rows: Rows = npu_rows(samples, npu or load_device(samples[0].bench.device))
        learner: Learner = NpuLearner()
        if networks is not None:
            raise InputError("whole networks are of a real card; leave out --networks")
    else:
        rows = gpu_rows(samples)
        learner = _gpu_learner(samples, idle, rows, seed, on_done)
    total = len(counted_groups(rows)[::one_in])
    predicted = out_of_fold(rows, learner, lambda n: on_done("validating", n, total), one_in)
    baselines = _baselines(rows) if one_in == 1 else {}
    return _trained(
        samples, rows, learner, predicted, baselines, name, samples_sha256, seed, networks
    )


def train_files(
    paths: Sequence[Path],
    out: Path,
    seed: int = 0,
    on_done: OnDone = lambda _w, _d, _t: None,
    npu: Npu | None = None,
    networks: Path | None = None,
) -> Trained:
    """Train on the samples in ``paths`` and write the model folder ``out``.

    ``networks``, readings of whole networks, go there too: errors of their sums are in the card.

    Raises:
        InputError: samples that cannot be read or learned from.
        OutputError: the folder cannot be written.
    """
    if networks is not None:
        read_networks(networks)  # before minutes of training
    samples = _read_all(paths)
    idle = [i for path in paths for i in read_idle(path)]
    data = read_bytes(paths[0]) if len(paths) == 1 else encode_samples(samples, idle)
    digest = hashlib.sha256(data).hexdigest()
    done = train(samples, idle, own_name(out), digest, seed, on_done, npu, networks)
    whole = None if networks is None else read_bytes(networks)
    text = card_text(done.card)
    make_folder(out)
    write_atomically(out / SAMPLES, lambda p: p.write_bytes(data))
    write_atomically(out / MODEL, lambda p: p.write_bytes(done.model))
    write_atomically(out / GOLDEN, lambda p: p.write_text(done.golden))
    if whole is not None:
        write_atomically(out / NETWORKS, lambda p: p.write_bytes(whole))
    write_atomically(out / CARD, lambda p: p.write_text(text))
    return done


def _read_all(paths: Sequence[Path]) -> list[Sample]:
    """The samples of all files; raise InputError where two hold the same reading."""
    samples: list[Sample] = []
    seen: set[tuple[object, ...]] = set()
    for path in paths:
        found = read_samples(path)
        keys = [(s.key, s.bench.unit, s.reading.at, s.reading.power_w) for s in found]
        twice = sum(key in seen for key in keys)
        if twice:
            raise InputError(
                f"{twice} readings of '{path}' are given twice: they are in an earlier file too; "
                "leave that file out"
            )
        seen.update(keys)
        samples += found
    return samples


def _gpu_learner(
    samples: Sequence[Sample], idle: Sequence[Idle], rows: Rows, seed: int, on_done: OnDone
) -> GpuLearner:
    """The learner with the clock law under which settled clocks are learned best."""
    limit_w = float(np.median([s.reading.limit_w or 0.0 for s in samples]))
    highest_hz = float(np.max(rows.clock_hz))
    check_groups(rows)
    rest_w = min((i.power_w for i in idle), default=float(rows.power_w.min())) * 0.5
    if limit_w <= 0 or rows.held_down.sum() < 30:
        law = ClockLaw(
            limit_w=limit_w or 1e9, highest_hz=highest_hz, exponent=EXPONENTS[1], rest_w=rest_w
        )
        return GpuLearner(law, seed)
    laws = [
        ClockLaw(limit_w=limit_w, highest_hz=highest_hz, exponent=exponent, rest_w=rest_w)
        for exponent in EXPONENTS
    ]
    errors = _clock_errors(rows, laws, seed, on_done)
    return GpuLearner(laws[int(np.argmin(errors))], seed)


def _clock_errors(rows: Rows, laws: Sequence[ClockLaw], seed: int, on_done: OnDone) -> list[float]:
    """Mean relative error of the settled clocks of held layers under each law, out of fold."""
    from sklearn.model_selection import GroupKFold

    targets = np.column_stack([log_demand(law, rows) for law in laws])
    found, parts = np.empty(targets.shape), min(5, len(set(rows.groups)))
    split = GroupKFold(parts).split(targets, groups=rows.groups)
    for done, (seen, asked) in enumerate(split, start=1):
        kernel = fit_kernel(rows.features[seen], targets[seen], seed)
        found[asked] = kernel.predict(rows.features[asked])
        on_done("choosing the clock law", done, parts)
    clocks = [
        settled(law, np.exp(demand) + law.rest_w)[1]
        for law, demand in zip(laws, found.T, strict=True)
    ]
    return [float(np.abs(c / rows.clock_hz - 1.0)[rows.held_down].mean()) for c in clocks]


def _trained(
    samples: Sequence[Sample],
    rows: Rows,
    learner: Learner,
    predicted: dict[str, Floats],
    baselines: dict[str, Errors],
    name: str,
    samples_sha256: str,
    seed: int,
    networks: Path | None,
) -> Trained:
    fitted = learner.fit(rows)
    model = to_onnx_bytes(fitted, len(rows.columns), double=learner.double)
    card = Card(
        format=FORMAT,
        name=name,
        kind=learner.kind,
        features=list(rows.columns),
        valid_low=[float(v) for v in rows.features.min(axis=0)],
        valid_high=[float(v) for v in rows.features.max(axis=0)],
        valid_latency_s=[float(rows.latency_s.min()), float(rows.latency_s.max())],
        estimator=learner.describe(),
        clock_law=getattr(learner, "law", None),
        targets=_targets(rows, predicted, learner),
        baselines=baselines,
        repeats=repeats_of(samples),
        bounds=bounds_of(rows, predicted),
        whole=_whole(learner, fitted, networks),
        types_by_layout=_types_by_layout(samples) if learner.kind == "gpu" else None,
        memory_hz=sorted({hz for s in samples if (hz := s.subject.memory_hz)}) or None,
        model_sha256=hashlib.sha256(model).hexdigest(),
        samples_sha256=samples_sha256,
        samples=int(rows.readings.sum()),
        networks=len(set(rows.groups[rows.of_networks].tolist())),
        seed=seed,
        license=LICENSE,
        limits=LIMITS[learner.kind],
        **_origin(samples),
    )
    answers = fitted.raw(rows.features)
    return Trained(card, model, _golden(rows, answers), rows, predicted, answers)


def _types_by_layout(samples: Sequence[Sample]) -> dict[str, list[str]]:
    pairs = {(s.subject.layout, s.layer.outputs[0].dtype) for s in samples}
    return {of: sorted(d for layout, d in pairs if layout == of) for of in sorted(dict(pairs))}


def _whole(learner: Learner, fitted: Fitted, networks: Path | None) -> WholeNetworks | None:
    if networks is None or not isinstance(learner, GpuLearner):
        return None
    return whole_networks(learner.law, fitted.raw, networks)


class _Origin(TypedDict):
    device: str
    device_digest: str
    units: int
    meter: str
    driver: str
    measured: str


def _origin(samples: Sequence[Sample]) -> _Origin:
    first = samples[0].bench
    days = sorted({s.reading.at[:10] for s in samples})
    return {
        "device": first.device,
        "device_digest": first.digest,
        "units": len({s.bench.unit for s in samples}),
        "meter": first.meter,
        "driver": first.driver,
        "measured": days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}",
    }


def _targets(rows: Rows, predicted: dict[str, Floats], learner: Learner) -> dict[str, Target]:
    of_networks = rows.of_networks
    found = {"power_w": target_of(rows, predicted["power_w"], rows.power_w, of_networks)}
    if "latency_s" in predicted:
        found["latency_s"] = target_of(rows, predicted["latency_s"], rows.latency_s, of_networks)
        held = of_networks & rows.held_down
        if held.any():
            found["held_clock_hz"] = target_of(rows, predicted["clock_hz"], rows.clock_hz, held)
    return found


def _baselines(rows: Rows) -> dict[str, Errors]:
    kept, found = rows.counted, {}
    for name, predict in BASELINES.items():
        watts = out_of_fold_by(rows, predict)["power_w"]
        found[name] = errors_of(watts[kept], rows.power_w[kept])
    return found


def _golden(rows: Rows, answers: Mapping[str, Floats]) -> str:
    """Rows spread over the samples, with what the fitted model gives for them."""
    chosen = np.linspace(0, len(rows) - 1, min(GOLDEN_ROWS, len(rows))).astype(int)
    features = rows.features[chosen]
    outputs = {name: values[chosen] for name, values in answers.items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*rows.columns, *outputs])
    for i in range(len(chosen)):
        writer.writerow([repr(float(v)) for v in (*features[i], *(o[i] for o in outputs.values()))])
    return text.getvalue()


LIMITS = {
    "npu": (
        "simulated device, its default bin and rail, one die and one temperature; a layer's hidden "
        "activity is not in its features and is the error that remains"
    ),
    "gpu": (
        "operators as PyTorch runs them, one at a time, back to back on the same buffers (warm "
        "cache), normal random values, images in NCHW or NHWC as asked, no fusion but convolution, "
        "bias and ReLU; short readings: the firmware's regulation of the power limit swings for "
        "seconds"
    ),
}
"""What a card says of where its model ends."""
