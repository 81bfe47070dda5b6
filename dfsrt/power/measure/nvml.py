"""What an NVIDIA card tells of itself through NVML. Nothing is ever set."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import ModuleType

from dfsrt.base.errors import InputError
from dfsrt.base.extras import EXTRAS

EXTRA = f"install it with: {EXTRAS['nvidia'].install}"

# nvmlClocksEventReasons that hold the clock down: for power, and for heat.
_POWER_REASONS = 0x04 | 0x80  # software power cap, hardware power brake
_HEAT_REASONS = 0x20 | 0x40  # software and hardware thermal slowdown


class Card:
    """One GPU, read-only: energy counter, SM clock, temperature, power limit.

    Raises, on opening:
        InputError: no NVML, no driver, no such card, or a card without an energy counter.
    """

    def __init__(self, index: int = 0) -> None:
        self._nvml = _load()
        self._handle = self._open(index)
        self._check("energy counter", self._nvml.nvmlDeviceGetTotalEnergyConsumption)

    @property
    def error(self) -> type[Exception]:
        """What is raised where the card does not answer."""
        error: type[Exception] = self._nvml.NVMLError
        return error

    @property
    def name(self) -> str:
        """The card's name, as the driver gives it."""
        return str(self._nvml.nvmlDeviceGetName(self._handle))

    @property
    def unit(self) -> str:
        """Digest of the card's serial identity: tells cards apart and names none."""
        uuid = str(self._nvml.nvmlDeviceGetUUID(self._handle))
        return hashlib.sha256(uuid.encode()).hexdigest()[:8]

    @property
    def driver(self) -> str:
        """Version of the driver."""
        return str(self._nvml.nvmlSystemGetDriverVersion())

    @property
    def limit_w(self) -> float:
        """The power limit that the firmware enforces."""
        return float(self._nvml.nvmlDeviceGetEnforcedPowerLimit(self._handle)) * 1e-3

    @property
    def highest_clock_hz(self) -> int:
        """The highest SM clock."""
        found = self._nvml.nvmlDeviceGetMaxClockInfo(self._handle, self._nvml.NVML_CLOCK_SM)
        return int(found) * 1_000_000

    def energy_j(self) -> float:
        """Return the energy counter; on an H100 it moves once in 100 ms."""
        return float(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)) * 1e-3

    def sm_clock_hz(self) -> float:
        """Return the SM clock at this instant."""
        found = self._nvml.nvmlDeviceGetClockInfo(self._handle, self._nvml.NVML_CLOCK_SM)
        return float(found) * 1e6

    def clocks_hz(self) -> tuple[int, ...]:
        """Return the SM clocks that go with the highest memory clock, ascending."""
        memory = max(self._nvml.nvmlDeviceGetSupportedMemoryClocks(self._handle))
        clocks = self._nvml.nvmlDeviceGetSupportedGraphicsClocks(self._handle, memory)
        return tuple(sorted(int(mhz) * 1_000_000 for mhz in clocks))

    def power_w(self) -> float:
        """Return what the board draws; on an H100 it moves once in 100 ms."""
        return float(self._nvml.nvmlDeviceGetPowerUsage(self._handle)) * 1e-3

    def load(self) -> float:
        """Return the share of the driver's last stretch in which a kernel ran."""
        return float(self._nvml.nvmlDeviceGetUtilizationRates(self._handle).gpu) / 100

    def temp_c(self) -> float:
        """Return the die's temperature."""
        sensor = self._nvml.NVML_TEMPERATURE_GPU
        return float(self._nvml.nvmlDeviceGetTemperature(self._handle, sensor))

    def held_by(self) -> tuple[bool, bool]:
        """Return whether (power, heat) holds the clock down at this instant."""
        reasons = self._nvml.nvmlDeviceGetCurrentClocksEventReasons(self._handle)
        return bool(reasons & _POWER_REASONS), bool(reasons & _HEAT_REASONS)

    def _open(self, index: int) -> object:
        count = self._nvml.nvmlDeviceGetCount()
        if not 0 <= index < count:
            raise InputError(f"there is no GPU {index}; this machine has {count}, counted from 0")
        return self._nvml.nvmlDeviceGetHandleByIndex(index)

    def _check(self, what: str, question: Callable[[object], object]) -> None:
        try:
            question(self._handle)
        except self._nvml.NVMLError as error:
            raise InputError(
                f"{self.name} does not show its {what} ({error}); the nvidia meter needs a "
                "data-centre GPU of the Volta generation or later"
            ) from error


def card_count() -> int:
    """Return how many GPUs there are; 0 without NVML or a driver."""
    try:
        return int(_load().nvmlDeviceGetCount())
    except InputError:
        return 0


def _load() -> ModuleType:
    try:
        import pynvml
    except ImportError as error:
        raise InputError(f"the nvidia meter reads the card through NVML; {EXTRA}") from error
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        raise InputError(
            f"no NVIDIA driver answers on this machine ({error}); run this where an NVIDIA GPU is"
        ) from error
    nvml: ModuleType = pynvml
    return nvml
