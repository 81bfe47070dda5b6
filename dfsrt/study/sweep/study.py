"""A sweep's study: what is varied, what all points share, and how points are taken."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.tomlfile import Table, fit_table, parse_toml, read_text, unread_format
from dfsrt.study.study import FORMAT, Range, digest
from dfsrt.study.sweep.alike import Value
from dfsrt.study.sweep.files import files_of
from dfsrt.study.sweep.known import ALSO, IS, KIND, PAIRS, VARIED

SAMPLERS = ("grid", "sobol")
NUMBERS = "device_numbers"
Axis: TypeAlias = Range | list[Value]
Written: TypeAlias = list[Value] | dict[str, Value | list[Value] | dict[str, Value]]
"""An axis as a file has it, or a table of them."""
Shared: TypeAlias = Value | dict[str, Value | list[Value]]


class SweepStudy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a sweep runs.

    ``vary`` has lists or ranges by the name of a field of a run's specification, and in
    ``device_numbers`` by the dotted key of a device file; ``over`` what all points share.
    ``sampler`` is ``grid``, every combination, or ``sobol``: ``points`` spread evenly over the
    ranges, picked by ``seed``.
    """

    format: int = FORMAT
    name: str
    sampler: str = "grid"
    points: int | None = None
    seed: int = 0
    vary: dict[str, Written] = {}
    over: dict[str, Shared] = {}

    @property
    def axes(self) -> dict[str, Axis]:
        """What is varied by name, numbers of the device last, in the order of the study."""
        plain = {ALSO.get(n, n): _axis(n, w) for n, w in self.vary.items() if n != NUMBERS}
        return plain | self.device_numbers

    @property
    def device_numbers(self) -> dict[str, Axis]:
        """What is varied of the device file, by its dotted key.

        Raises:
            InputError: a value that is no table of lists or ranges.
        """
        numbers = self.vary.get(NUMBERS, {})
        if not isinstance(numbers, dict):
            raise InputError(f"vary.{NUMBERS} is no table; give one, with lists by dotted key")
        return {name: _axis(f"{NUMBERS}.{name}", written) for name, written in numbers.items()}

    @property
    def shared(self) -> dict[str, Shared]:
        """What all points share, by the field's own name."""
        return {ALSO.get(name, name): value for name, value in self.over.items()}

    def fingerprint(self, folder: Path | None = None) -> dict[str, dict[str, object]]:
        """Return all that the result depends on; files that it names are beside ``folder``."""
        files = files_of({**self.shared, **self.axes}, folder)
        return {
            "study": msgspec.to_builtins(self),
            "files": {name: digest(str(path)) for name, path in files.items()},
            "versions": {name: version(name) for name in ("dfsrt", "scipy")},
        }


def read_sweep(path: Path) -> SweepStudy:
    """Return the checked study of the TOML file at ``path``.

    Raises:
        InputError: no such file, no TOML, a key or a value that does not fit.
    """
    what = f"study '{path}'"
    text = read_text(path, "study", "a study file in TOML")
    return _checked(parse_toml(text, SweepStudy, what), what)


def sweep_of(table: Table, what: str = "study") -> SweepStudy:
    """Return the checked study of what stands in a file, as nested dictionaries.

    Raises:
        InputError: a key or a value that does not fit.
    """
    return _checked(fit_table(table, SweepStudy, what), what)


def _checked(study: SweepStudy, what: str) -> SweepStudy:
    try:
        check_study(study)
    except InputError as error:
        raise InputError(f"{what}: {error}") from error
    return study


def check_study(study: SweepStudy) -> None:
    """Check all of a study but what its points say when they run.

    Raises:
        InputError: a key or a value that does not fit.
    """
    why = unread_format(study.format, FORMAT)
    if why is not None:
        raise InputError(f"it {why}")
    if not study.name.strip():
        raise InputError("name is empty; give the study a name")
    if study.sampler not in SAMPLERS:
        raise InputError(unknown_name("sampler", study.sampler, SAMPLERS))
    _check_keys(study)
    _check_twice(study)
    if "load" not in {**study.axes, **study.shared}:
        raise InputError("no load; give one as over.network, or several as vary.network")
    if not study.axes:
        raise InputError("nothing to vary: the grid is empty; give lists, like vary.cap")
    for name, axis in study.axes.items():
        if isinstance(axis, list) and name in KIND:
            for value in axis:
                _check_value(f"vary.{name}", name, value)
    for name, given in study.shared.items():
        _check_value(f"over.{name}", name, given)


def _check_keys(study: SweepStudy) -> None:
    for key in study.vary:
        if key != NUMBERS and ALSO.get(key, key) not in VARIED:
            known = (*VARIED, *ALSO, NUMBERS)
            why = f"{key} can be shared in [over], not varied"
            raise InputError(f"vary: {why if key in PAIRS else unknown_name('key', key, known)}")
    for key in study.device_numbers:
        if key in (*KIND, *ALSO):
            raise InputError(
                f"vary.{NUMBERS}: '{key}' is a field of the run, no number of a device; give it as "
                f"vary.{key}"
            )
    for key in study.over:
        if ALSO.get(key, key) not in KIND:
            raise InputError(f"over: {unknown_name('key', key, (*KIND, *ALSO))}")


def _check_twice(study: SweepStudy) -> None:
    for keys, where in ((study.vary, "vary"), (study.over, "over")):
        for other, name in ALSO.items():
            if other in keys and name in keys:
                raise InputError(f"{where}: {other} and {name} are one thing; give one of them")
    for name in study.axes:
        if name in study.shared:
            raise InputError(f"'{name}' is varied and shared; leave it out of vary or of over")


def _check_value(where: str, name: str, value: object) -> None:
    kinds = KIND[name]
    fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    if not fits:
        raise InputError(f"{where} = {value!r} does not fit; give {IS[kinds[0]]}")


def _axis(name: str, written: object) -> Axis:
    """Return an axis as it is written: a list, or a table with low and high.

    Raises:
        InputError: anything else.
    """
    if isinstance(written, list):
        return written
    if not isinstance(written, dict):
        raise InputError(f"vary.{name} = {written!r} is no list; give one, or low, high and step")
    return fit_table(written, Range, f"vary.{name}")
