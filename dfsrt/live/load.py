"""The busy share that boards show, in the forms in which they show it."""

from __future__ import annotations

import re

_OF_DEVFREQ = re.compile(r"(\d{1,3})(?:@\d+Hz)?\s*%?")
_OF_CORE = re.compile(r"Core\d+:\s*(\d{1,3})%")
_OF_LONE = re.compile(r"NPU load:\s*(\d{1,3})%")


def devfreq_load(text: str) -> float | None:
    """Return the share in a devfreq ``load`` file, like ``45@800000000Hz`` or ``45``; else None.

    Source: Rockchip's and Mali's drivers, as read on RK3588 boards.
    """
    match = _OF_DEVFREQ.fullmatch(text.strip())
    return None if match is None else _share(match[1])


def rknpu_load(text: str) -> float | None:
    """Return the mean share over the cores in ``/sys/kernel/debug/rknpu/load``; else None.

    It is ``NPU load:  Core0: 86%, Core1: 84%, Core2: 61%,``, or ``NPU load:  21%`` of one core.
    """
    shares = _OF_CORE.findall(text) or _OF_LONE.findall(text)
    return sum(map(_share, shares)) / len(shares) if shares else None


def _share(percent: str) -> float:
    return min(int(percent), 100) / 100
