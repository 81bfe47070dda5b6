"""Masks: which cores requests run on side by side, each of them on a lane of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.units import parse_whole
from dfsrt.device.npu import Npu

AUTO, ALL = "auto", "all"
MOST_LANES = 62
"""Lanes of one device: each is a bit of a whole number of 64 bits."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lanes of a device, by the numbers of their cores, and which of them a workload may use.

    ``of_workload`` has a tuple of lane numbers for each workload; they are of equally many cores.
    """

    cores: tuple[tuple[int, ...], ...]
    of_workload: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.cores)

    @property
    def names(self) -> tuple[str, ...]:
        """Each lane as a core mask, like ``0`` or ``1_2``."""
        return tuple("_".join(map(str, cores)) for cores in self.cores)

    @property
    def bits(self) -> tuple[int, ...]:
        """The lanes of each workload as bits of a whole number; all bits where any lane will do."""
        return tuple(
            -1 if len(own) == len(self) else sum(1 << lane for lane in own)
            for own in self.of_workload
        )

    def width(self, workload: int) -> int:
        """Return on how many cores at once a workload runs."""
        return len(self.cores[self.of_workload[workload][0]])


def parse_lanes(said: str | int, npu: Npu, workloads: Sequence[str]) -> Lanes:
    """Return the lanes that ``--parallel`` says: a number, ``auto``, or a mask for networks.

    As in ``resnet50=0,yolov8n=1_2``. A network that no mask names, or that is ``auto``, runs on any
    core that is in no group; cores that nobody names stay off.

    Raises:
        InputError: a device without cores or with several in use, more lanes than cores, an
            unknown mask, cores in two groups, or a network that is not in the load.
    """
    count, text = _count(npu), str(said).strip()
    if "=" in text:
        return _masked(_pairs(text, workloads, count), workloads, count)
    number = count if text == AUTO else parse_whole(text)
    if number is None or not 1 <= number <= count:
        raise InputError(
            f"parallel '{text}': {npu.name} has {count} cores; give 1 to {count}, auto, or a mask "
            "for a network, like 'resnet50=0'"
        )
    single = tuple((core,) for core in range(number))
    return Lanes(single, (tuple(range(len(single))),) * len(workloads))


def _count(npu: Npu) -> int:
    """The cores that may work side by side."""
    if npu.cores is None:
        raise InputError(
            f"parallel: {npu.name} tells of no cores; leave it out, or give the device [cores]"
        )
    if npu.cores.used > 1:
        raise InputError(
            f"parallel: {npu.name} is asked for with cores={npu.cores.used}, all for one network; "
            "leave 'cores=' out, or give that network a mask like 'resnet50=0_1'"
        )
    return min(npu.cores.count, MOST_LANES)


def _pairs(text: str, workloads: Sequence[str], count: int) -> Mapping[str, tuple[int, ...]]:
    """The cores that each named network has, none where it is ``auto``."""
    said: dict[str, tuple[int, ...]] = {}
    for pair in text.split(","):
        name, _, mask = (part.strip() for part in pair.rpartition("="))
        if name not in workloads:
            raise InputError(unknown_name("network of the load, in parallel,", name, workloads))
        if name in said:
            raise InputError(f"parallel: '{name}' has two masks; give one like '{name}=0'")
        said[name] = _cores(mask, count)
    return said


def _cores(mask: str, count: int) -> tuple[int, ...]:
    if mask == AUTO:
        return ()
    if mask == ALL:
        return tuple(range(count))
    given = [parse_whole(part) for part in mask.split("_")]
    numbers = [number for number in given if number is not None and number < count]
    if not numbers or len(set(numbers)) < len(given):
        raise InputError(
            f"core mask '{mask}' is unknown; give cores from 0 to {count - 1} joined by '_', like "
            f"'0', '0_1' or '{'_'.join(map(str, range(count)))}', or auto or all"
        )
    return tuple(sorted(numbers))


def _masked(said: Mapping[str, tuple[int, ...]], workloads: Sequence[str], count: int) -> Lanes:
    """Lanes by the masks of networks; cores in no mask are lanes where a network may use them."""
    groups = dict.fromkeys(cores for cores in said.values() if cores)
    taken = [core for cores in groups for core in cores]
    for core in taken:
        if taken.count(core) > 1:
            raise InputError(
                f"core {core} is in two masks that differ; give networks the same mask, or cores "
                "of their own"
            )
    wants_any = any(not said.get(name, ()) for name in workloads)
    free = [(core,) for core in range(count) if core not in taken] if wants_any else []
    lanes = tuple(sorted([*groups, *free]))
    single = tuple(k for k, cores in enumerate(lanes) if len(cores) == 1)
    own = tuple(
        (lanes.index(cores),) if (cores := said.get(name, ())) else single for name in workloads
    )
    for name, of_it in zip(workloads, own, strict=True):
        if not of_it:
            raise InputError(
                f"parallel leaves no core for '{name}'; give it a mask, or others fewer cores"
            )
    return Lanes(lanes, own)
