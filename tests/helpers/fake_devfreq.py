"""A devfreq device with behaviour, in memory; and the same as files, kept by a process.

``python fake_devfreq.py ROOT [KEY=VALUE...]`` keeps the files below ROOT until they vanish. It
imports nothing of what it tests.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import time
from pathlib import Path

NAME = "fdab0000.npu"
FOLDER = f"sys/class/devfreq/{NAME}"
POINTS = tuple(mhz * 1_000_000 for mhz in (300, 400, 500, 600, 700, 800, 900, 1000))
GOVERNORS = ("userspace", "powersave", "performance", "simple_ondemand")
WRITABLE = ("governor", "userspace/set_freq", "min_freq", "max_freq")
SWING_S = 0.13
POLL_S = 0.003
"""Between two looks at what was written to the files."""
READABLE = ("available_frequencies", "available_governors", "cur_freq", "load", "trans_stat")


def fault(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class FakeDevfreq:
    """A device that takes ``delay_s`` to move, counts its time at each clock, and says no.

    ``demand_hz`` is what its work would keep busy, in turns with ``swing_hz`` if any; ``rounds``
    is what firmware makes of clocks. ``crossing`` limits are refused, as by kernels before 5.5.
    ``denied`` files may not be written; with ``gone`` nothing is there.
    """

    def __init__(
        self, now=time.monotonic, governors=GOVERNORS, delay_s=0.004, demand_hz=0, swing_hz=0
    ):
        self.now, self.governors, self.delay_s = now, governors, delay_s
        self.demand_hz, self.swing_hz, self.rounds = demand_hz, swing_hz, {}
        self.denied, self.gone, self.crossing = set(), False, False
        self.governor, self.low, self.high = governors[-1], POINTS[0], POINTS[-1]
        self.told, self.hz, self.target, self.due = None, POINTS[0], POINTS[0], 0.0
        self.at_s = dict.fromkeys(POINTS, 0.0)
        self.moves = {(a, b): 0 for a in POINTS for b in POINTS}
        self.since, self.polled = now(), now()
        self.writes = []

    def wish(self) -> int:
        if self.governor == "performance":
            return self.high
        if self.governor == "powersave":
            return self.low
        if self.governor == "userspace":
            return self.hz if self.told is None else self.told
        busy = self.load()
        if busy > 0.9:
            return self.high
        return self.hz if busy > 0.85 else next(f for f in POINTS if f >= busy * self.hz / 0.88)

    def load(self) -> float:
        swings = self.swing_hz and int(self.now() / SWING_S) % 2
        return min(1.0, (self.swing_hz if swings else self.demand_hz) / self.hz)

    def step(self) -> None:
        now = self.now()
        wish = min(max(self.wish(), self.low), self.high)
        wish = self.rounds.get(wish, wish)
        if wish != self.target:
            self.target, self.due = wish, now + self.delay_s
        if self.hz != self.target and now >= self.due:
            self.at_s[self.hz] = self.at_s.get(self.hz, 0.0) + self.due - self.since
            self.moves[self.hz, self.target] = self.moves.get((self.hz, self.target), 0) + 1
            self.hz, self.since = self.target, self.due

    def trans_stat(self) -> str:
        heads = "".join(f"{f:10d}" for f in POINTS)
        lines = ["     From  :   To", f"{'':11}:{heads}   time(ms)"]
        for f in POINTS:
            ms = (self.at_s[f] + (self.now() - self.since if f == self.hz else 0.0)) * 1e3
            row = "".join(f"{self.moves[f, g]:10d}" for g in POINTS)
            lines.append(f"{'*' if f == self.hz else ' '}{f:10d}:{row}{int(ms):10d}")
        return "\n".join([*lines, f"Total transition : {sum(self.moves.values())}"])

    def texts(self) -> dict[str, str]:
        """All attributes now; a governor's own are there while it is."""
        self.step()
        texts = {
            "available_frequencies": " ".join(map(str, POINTS)),
            "available_governors": " ".join(self.governors),
            "cur_freq": str(self.hz),
            "load": f"{round(100 * self.load())}@{self.hz}Hz",
            "trans_stat": self.trans_stat(),
            "governor": self.governor,
            "min_freq": str(self.low),
            "max_freq": str(self.high),
        }
        if self.governor == "userspace":
            texts["userspace/set_freq"] = "undefined" if self.told is None else str(self.told)
        return texts

    def read(self, path: str) -> str:
        name = path.removeprefix(FOLDER + "/")
        texts = {} if self.gone or name == path else self.texts()
        if name not in texts:
            raise fault(errno.ENOENT)
        return texts[name]

    def names(self, folder: str) -> tuple[str, ...]:
        if self.gone or folder != "sys/class/devfreq":
            raise fault(errno.ENOENT)
        return (NAME,)

    def write(self, path: str, text: str) -> None:
        self.read(path)
        name = path.removeprefix(FOLDER + "/")
        if name in self.denied or name not in WRITABLE:
            raise fault(errno.EACCES)
        if name == "governor":
            if text not in self.governors:
                raise fault(errno.EINVAL)
            if text != self.governor:
                self.told = None  # the kernel's userspace governor begins anew
            self.governor = text
        else:
            self.set(name, text)
        self.writes.append((name, text))
        self.step()

    def set(self, name: str, text: str) -> None:
        if not text.isdecimal() or int(text) not in POINTS:
            raise fault(errno.EINVAL)
        low = int(text) if name == "min_freq" else self.low
        high = int(text) if name == "max_freq" else self.high
        if low > high and self.crossing:
            raise fault(errno.EINVAL)
        self.low, self.high = low, high
        if name == "userspace/set_freq":
            self.told = int(text)


class Mirror:
    """The files of a device below ``root``: what is written to them is told to the device."""

    def __init__(self, device: FakeDevfreq, root: Path) -> None:
        self.device, self.folder = device, root / FOLDER
        self.shown: dict[str, str] = {}
        self.folder.mkdir(parents=True)
        self.step()

    def step(self) -> None:
        for name in WRITABLE:
            text = self.on_disk(name)
            if text and text != self.shown.get(name):
                with contextlib.suppress(OSError):  # refused: the file shows the old again
                    self.device.write(f"{FOLDER}/{name}", text)
                self.shown[name] = text
        texts = self.device.texts()
        for name in {*self.shown} - {*texts}:
            (self.folder / name).unlink(missing_ok=True)
            del self.shown[name]
        changed = {name for name, text in texts.items() if self.shown.get(name) != text}
        if changed - {"trans_stat"}:  # whose times pass all the time
            for name in changed:
                self.put(name, texts[name])

    def on_disk(self, name: str) -> str:
        try:
            return (self.folder / name).read_text().strip()
        except FileNotFoundError:
            return ""

    def put(self, name: str, text: str) -> None:
        path = self.folder / name
        if "/" in name:
            path.parent.mkdir(exist_ok=True)
        beside = self.folder / ".new"
        beside.write_text(text + "\n")
        beside.replace(path)
        self.shown[name] = text


def keep(root: Path, **options: object) -> None:
    """Keep the files of a device below ``root`` until it vanishes, or who began this."""
    device = FakeDevfreq(**options)
    mirror = Mirror(device, root)
    print("ready", flush=True)
    parent = os.getppid()
    with contextlib.suppress(FileNotFoundError, OSError):
        while mirror.folder.is_dir() and os.getppid() == parent:
            mirror.step()
            time.sleep(POLL_S)


@contextlib.contextmanager
def kept(root: Path, **options: object):
    """The same by a thread of this process; yields the device."""
    device, ended = FakeDevfreq(**options), threading.Event()
    mirror = Mirror(device, root)

    def steps() -> None:
        with contextlib.suppress(FileNotFoundError):  # the tree has vanished
            while not ended.wait(POLL_S):
                mirror.step()

    thread = threading.Thread(target=steps)
    thread.start()
    try:
        yield device
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    pairs = (word.partition("=") for word in sys.argv[2:])
    keep(
        Path(sys.argv[1]),
        **{k: tuple(v.split("+")) if k == "governors" else int(v) for k, _, v in pairs},
    )
