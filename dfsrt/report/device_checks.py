"""All presets against what was measured: a line each, and which nobody has measured."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Console

from dfsrt.device import device_names
from dfsrt.device.truth_file import USES, truth_path
from dfsrt.report.device_check import CheckedProfile, CheckedUse, DeviceCheck, check_device
from dfsrt.report.prose import prose_width, wrapped, write_lines
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.report.tables import show

HEADS = (
    "<preset",
    *(f"<{used}: mean, worst" for used in USES),
    *(f"<layers {used}" for used in USES),
)
"""Of each use how many measurements there are and how far they are missed; then layers, too."""


class DeviceChecks(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of all presets that were measured, and the names of those that nobody has."""

    schema_version: int = SCHEMA_VERSION
    checks: list[DeviceCheck]
    unmeasured: list[str]


def check_presets() -> DeviceChecks:
    """Return every preset with a truth file against it."""
    measured = [name for name in device_names() if truth_path(name) is not None]
    return DeviceChecks(
        checks=[check_device(name) for name in measured],
        unmeasured=[name for name in device_names() if name not in measured],
    )


def show_checks(console: Console, checks: DeviceChecks) -> None:
    """Print a row for each measured preset, and a line on the others."""
    show(console, HEADS, checks_rows(checks.checks))
    if checks.unmeasured:
        text = f"no truth: {', '.join(checks.unmeasured)}: nobody has measured them"
        write_lines(console, ["", *wrapped(text, prose_width(console))])


def checks_rows(checks: Sequence[DeviceCheck]) -> list[list[str]]:
    """Return a row under ``HEADS`` for each of ``checks``."""
    return [
        [
            check.device,
            *(_of_use(check.by_use.get(used)) for used in USES),
            *(_of_layers([p for p in check.profiles if p.used == used]) for used in USES),
        ]
        for check in checks
    ]


def _of_use(errors: CheckedUse | None) -> str:
    if errors is None:
        return "-"
    return f"{errors.count}: {errors.mean_error:.1%}, {errors.worst_error:+.1%}"


def _of_layers(profiles: Sequence[CheckedProfile]) -> str:
    """How many layers the profiles have, and the mean size of their errors."""
    count = sum(profile.layers for profile in profiles)
    if not count:
        return "-"
    return f"{count}: {sum(p.mean_error * p.layers for p in profiles) / count:.1%}"
