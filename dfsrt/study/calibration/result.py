"""What a calibration says: each number with its interval, each row with its errors."""

from __future__ import annotations

import msgspec

from dfsrt.report.schema import SCHEMA_VERSION


class CalibratedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number of the device; its 95 % interval where it was fitted, the same unit as the file's.

    ``status`` is ``fitted``, ``one side`` (it was moved, but the data tell one end alone),
    ``undecided`` (the base's value stays; ``why`` says why) or ``held`` (the user's wish).
    ``factor`` where the value is one on what the base says.
    """

    number: str
    base: float
    value: float
    low: float | None
    high: float | None
    status: str
    why: str = ""
    factor: bool = False
    unit: str = ""


class CalibratedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement: what the base, the fit, and a fit without its network say of it.

    ``scaled`` is what one factor on all of the base's predictions says, made without its network.
    All are seconds, or joules where ``quantity`` is energy.
    """

    network: str
    quantity: str
    precision: str
    cores: int
    freq_hz: int
    measured: float
    base: float
    scaled: float
    fitted: float
    left_out: float
    group: str


class CalibrationErrors(msgspec.Struct, frozen=True, kw_only=True):
    """Mean and worst size of errors: of the base, of one factor, of the fit, and of left-out rows.

    ``scaled`` and ``left_out`` are of rows whose network nothing was fitted on.
    """

    quantity: str
    rows: int
    spread: float
    base_mean: float
    base_worst: float
    scaled_mean: float
    scaled_worst: float
    fitted_mean: float
    fitted_worst: float
    left_out_mean: float
    left_out_worst: float


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """A device calibrated on measurements, and how well networks that are left out are predicted.

    ``sources`` are the files with the first digits of their SHA-256; ``left_out_by`` is
    ``network``, ``file`` or ``layers`` of one file, in parts.
    """

    schema_version: int = SCHEMA_VERSION
    base: str
    device: str
    sources: list[str]
    networks: int
    numbers: list[CalibratedNumber]
    rows: list[CalibratedRow]
    errors: list[CalibrationErrors]
    left_out_by: str
    notes: list[str] = []
