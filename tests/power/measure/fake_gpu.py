"""A GPU that exists only in time: what pynvml and torch show of a card that runs graphs."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np


class Clock:
    """Time that passes only when somebody looks at it."""

    def __init__(self, step_s: float = 2e-4) -> None:
        self.now_s = 0.0
        self.step_s = step_s

    def perf_counter(self) -> float:
        self.now_s += self.step_s
        return self.now_s


class FakeNvml:
    """Energy that moves once in 100 ms while the card draws ``power_w``."""

    NVML_CLOCK_SM = 1
    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        pass

    def __init__(self, clock: Clock, power_w: float = 500.0, counter: bool = True) -> None:
        self.clock, self.power_w, self.counter = clock, power_w, counter
        self.asked: list[str] = []

    def __getattr__(self, name: str):
        raise AssertionError(f"{name} is not among the calls that only read")

    def nvmlDeviceGetTotalEnergyConsumption(self, _handle):  # noqa: N802
        if not self.counter:
            raise self.NVMLError("Not Supported")
        tick = int(self.clock.now_s / 0.1) * 0.1
        return round(tick * self.power_w * 1e3)

    def nvmlDeviceGetName(self, _handle):  # noqa: N802
        return "Fake H100"

    def nvmlDeviceGetUUID(self, _handle):  # noqa: N802
        return "GPU-1234"

    def nvmlSystemGetDriverVersion(self):  # noqa: N802
        return "580.0"

    def nvmlDeviceGetEnforcedPowerLimit(self, _handle):  # noqa: N802
        return 700_000

    def nvmlDeviceGetMaxClockInfo(self, _handle, _kind):  # noqa: N802
        return 1980

    def nvmlDeviceGetClockInfo(self, _handle, _kind):  # noqa: N802
        return 1500

    def nvmlDeviceGetTemperature(self, _handle, _sensor):  # noqa: N802
        return 55

    def nvmlDeviceGetCurrentClocksEventReasons(self, _handle):  # noqa: N802
        return 4

    def nvmlDeviceGetCount(self):  # noqa: N802
        return 1

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        return index


class _Event:
    def __init__(self, gpu: FakeTorch, **_kw) -> None:
        self.gpu, self.at_s = gpu, 0.0

    def record(self) -> None:
        self.at_s = max(self.gpu.busy_until_s, self.gpu.clock.now_s)

    def query(self) -> bool:
        return self.gpu.clock.now_s >= self.at_s

    def synchronize(self) -> None:
        self.gpu.clock.now_s = max(self.gpu.clock.now_s, self.at_s)

    def elapsed_time(self, other: _Event) -> float:
        return (other.at_s - self.at_s) * 1e3


class _Graph:
    def __init__(self, gpu: FakeTorch) -> None:
        self.gpu, self.calls = gpu, 0

    def replay(self) -> None:
        self.gpu.work(self.calls)


class FakeTorch:
    """Enough of torch for one operator: every call takes ``call_s`` on the card."""

    __version__ = "0"
    version = SimpleNamespace(cuda="13")
    backends = SimpleNamespace(cudnn=SimpleNamespace(version=lambda: 9))

    def __init__(self, clock: Clock, call_s: float = 5e-4) -> None:
        self.clock, self.call_s, self.busy_until_s = clock, call_s, 0.0
        self.capturing: _Graph | None = None
        self.nn = SimpleNamespace(functional=SimpleNamespace())
        self.cuda = SimpleNamespace(
            Event=lambda **kw: _Event(self, **kw),
            CUDAGraph=lambda: _Graph(self),
            Stream=lambda: SimpleNamespace(wait_stream=lambda _s: None),
            current_stream=lambda: SimpleNamespace(
                wait_stream=lambda _s: None, synchronize=lambda: None
            ),
            stream=self._nothing,
            graph=self._capture,
            synchronize=lambda: None,
            set_device=lambda _i: None,
            is_available=lambda: True,
        )

    def work(self, calls: int) -> None:
        self.busy_until_s = max(self.busy_until_s, self.clock.now_s) + calls * self.call_s

    def relu(self, x):
        if self.capturing is not None:
            self.capturing.calls += 1
        else:
            self.work(1)
        return x

    def randn(self, shape, device, dtype):
        return np.zeros(shape)

    def manual_seed(self, _seed) -> None:
        pass

    float16 = "float16"

    @contextmanager
    def _nothing(self, *_a):
        yield

    inference_mode = _nothing

    @contextmanager
    def _capture(self, graph):
        self.capturing = graph
        yield
        self.capturing = None
