"""Changes: what a calibration writes into a device file, and the words that stand beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dfsrt.device.facts import KeyFacts
from dfsrt.device.unit import PLAIN, quantity_text, unit_of
from dfsrt.study.calibration.device_text import ACTIONS, Change
from dfsrt.study.calibration.result import CalibratedNumber, Calibration, CalibrationErrors

MOVED = ("fitted", "one side")
"""What stands in the file: of all others the base's number does."""
WITH_ACTIONS = "moves as silicon.energies does"
_TIED = ("sram_pj_per_byte", "vector_pj_per_op")
_ONE, _ALL = "cores.bandwidth_bytes_per_s", "memory.bandwidth_bytes_per_s"


def changes_of(
    numbers: Sequence[CalibratedNumber], how: str, keys: Mapping[str, KeyFacts]
) -> list[Change]:
    """Return what the fitted ``numbers`` change in a file; ``how`` is their source."""
    moved = {n.number: n for n in numbers if n.status in MOVED}
    by_key: dict[str, list[CalibratedNumber]] = {}
    for number in moved.values():
        by_key.setdefault(_key(number.number, keys), []).append(number)
    changes = [change for key, own in by_key.items() for change in _change(key, own, how, keys)]
    actions = moved.get("silicon.energies")
    if actions is not None:
        tied = [f"silicon.{key}" for key in _TIED if f"silicon.{key}" not in moved]
        for key in (*(f"silicon.{key}" for key in ACTIONS), *tied):
            changes.append(_factor(key, actions, how, keys))
    return [*changes, *_widened(moved, keys)]


def _change(
    key: str, own: Sequence[CalibratedNumber], how: str, keys: Mapping[str, KeyFacts]
) -> Iterator[Change]:
    if key == "silicon.energies":
        return
    if own[0].factor:
        yield _factor(key, own[0], how, keys)
        return
    entries = {n.number[len(key) + 1 :]: _ends(n) for n in own}
    said = [how + "".join(_how(n, n.number[len(key) + 1 :]) for n in own)]
    others = len(keys[key].leaves) - len(own)
    if others:
        said.append(f"others: {keys[key].source or 'the default'}")
    yield Change(key, entries, "; ".join(said))


def _factor(key: str, number: CalibratedNumber, how: str, keys: Mapping[str, KeyFacts]) -> Change:
    text = f"{how}: {number.value:.4g} times the base's{_between(number)}; the base: "
    return Change(key, {"": _ends(number)}, text + keys[key].source, factor=True)


def _widened(
    moved: Mapping[str, CalibratedNumber], keys: Mapping[str, KeyFacts]
) -> Iterator[Change]:
    """What all cores share, where one core takes more than the base says of all."""
    if _ONE not in moved:
        return
    one, leaf = moved[_ONE], keys[_ALL].leaves[0].value
    shared = moved[_ALL].value if _ALL in moved else float(leaf)  # type: ignore[arg-type]
    if _ALL not in moved and one.value > shared:
        yield Change(_ALL, {"": _ends(one)}, "at least what one core takes, which was calibrated")


def _ends(number: CalibratedNumber) -> tuple[float, float, float]:
    low = number.value if number.low is None else number.low
    high = number.value if number.high is None else number.high
    return number.value, low, high


def _how(number: CalibratedNumber, entry: str) -> str:
    text = _between(number) or f", {number.why}"
    return f", {entry}{text[1:]}" if entry else text


def _between(number: CalibratedNumber) -> str:
    if number.low is None or number.high is None:
        return ""
    low, high = (number_text(end, number) for end in (number.low, number.high))
    return f", 95 % interval {low} to {high}"


def _key(name: str, keys: Mapping[str, KeyFacts]) -> str:
    return name if name in keys or name == "silicon.energies" else name.rpartition(".")[0]


def comments_of(report: Calibration) -> Iterator[str]:
    """Yield the lines that begin a calibrated device's file."""
    yield f"{report.base}, calibrated by 'dfsrt device calibrate' on {', '.join(report.sources)}."
    for errors in report.errors:
        yield from errors_lines(errors, report.left_out_by)
    yield from (f"note: {note}" for note in report.notes)
    yield from kept_lines(report)


def kept_lines(report: Calibration) -> Iterator[str]:
    """Yield what stays as in the base, a line for each reason."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for n in report.numbers:
        if n.status not in MOVED:
            by_reason.setdefault((n.status, n.why), []).append(n.number)
    for (status, why), names in by_reason.items():
        where = "" if why == WITH_ACTIONS else ", as in the base"
        yield f"{status}{where}: {', '.join(names)}: {why}"


def errors_lines(errors: CalibrationErrors, left_out_by: str) -> Iterator[str]:
    """Yield what people read first: how far left-out networks are missed, and fitted ones."""
    yield (
        f"{errors.quantity}, without the {left_out_by} that is predicted: error "
        f"{errors.left_out_mean:.1%} on average, {errors.left_out_worst:+.1%} at worst; "
        f"fitted on all: {errors.fitted_mean:.1%}, {errors.fitted_worst:+.1%}"
    )
    yield (
        f"{errors.quantity}, before: {errors.base_mean:.1%}, {errors.base_worst:+.1%} at worst; "
        f"by one factor on all of it: {errors.scaled_mean:.1%}, {errors.scaled_worst:+.1%}"
    )


def number_text(value: float, number: CalibratedNumber) -> str:
    """Return a number's value as people read it."""
    if number.factor:
        return f"x {value:.4g}"
    unit = unit_of(number.number.rpartition(".")[2]) or PLAIN
    return quantity_text(float(f"{value:.4g}"), unit)
