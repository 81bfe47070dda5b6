"""Why a device makes of a step what it does, where that is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dfsrt.cost import multiplies_in_training_format, unused_steps
from dfsrt.report.optimize.row import AUTO, Measured
from dfsrt.report.optimize.weight_reasons import few_zeros, split_books

WIDER = "fp16"
"""The precision that quantized networks are most often compared with."""


def reasons(before: Measured, after: Measured, asked: str) -> list[str]:
    """Return a line for each cause that is known; ``asked`` is the precision that was asked for."""
    return [
        *_same_arithmetic(before, after, asked),
        *_other_arithmetic(before, after, asked),
        *split_books(before.point, after.point),
        *_newly_unused(before, after),
        *few_zeros(before.point, after.point, _bits(main_precision(after))),
        *_layers_joined(before, after),
    ]


def unused(done: Measured) -> tuple[str, ...]:
    """Return what the device cannot use of the weights, or not wholly, a line for each fact."""
    return unused_steps(done.job.job.deployment.network(), done.job.npu)


def _newly_unused(before: Measured, after: Measured) -> Iterator[str]:
    known = unused(before)
    yield from (line for line in unused(after) if line not in known)


def _same_arithmetic(before: Measured, after: Measured, asked: str) -> Iterator[str]:
    """A file in fp32 runs in the device's own precision before anybody quantizes it."""
    quantized = multiplies_in_training_format(before.point.network) and not (
        multiplies_in_training_format(after.point.network)
    )
    computed, device = main_precision(before), before.result.report.device
    if asked == AUTO and quantized and computed == main_precision(after):
        line = f"{device} runs an fp32 file in {computed} as it is"
        has_wider = computed != WIDER and WIDER in before.job.npu.array.cycles_per_step
        yield f"{line}: --precision {WIDER} shows what the step brings" if has_wider else line


def _other_arithmetic(before: Measured, after: Measured, asked: str) -> Iterator[str]:
    """Maps that a step leaves as they are run wider than those of a file in fp32 throughout."""
    computed = main_precision(before), main_precision(after)
    was_training = multiplies_in_training_format(before.point.network)
    if asked == AUTO and was_training and _bits(computed[0]) < _bits(computed[1]):
        device = before.result.report.device
        line = f"{device} ran the fp32 file in {computed[0]}, and runs this one in {computed[1]}"
        yield f"{line}: --precision {computed[1]} compares like with like"


def _bits(precision: str) -> int:
    return int("".join(c for c in precision if c.isdigit()) or 0)


def _layers_joined(before: Measured, after: Measured) -> Iterator[str]:
    counts = [len(done.job.table.costs) for done in (before, after)]
    if counts[0] != counts[1]:
        yield f"{counts[0]} layers became {counts[1]}, whose hidden activity is drawn anew"


def main_precision(done: Measured) -> str:
    """Return what most multiplications of a run are in, of most layers where there are none."""
    counts, multiplies = Counter[str](), done.point.network.macs > 0
    for cost in done.job.table.costs:
        counts[cost.precision] += cost.layer.macs if multiplies else 1
    return max(counts, key=counts.__getitem__)
