"""The clocks of a Perfetto trace: every packet's time, brought to one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import TracePacket

BOOTTIME = 6
"""The clock of packets that name none."""
_OF_SEQUENCE = range(64, 128)
"""Clocks with these numbers belong to one writer's sequence of packets."""
MAX_NS = 2**63 - 1
_CLEARED = 1
"""``SEQ_INCREMENTAL_STATE_CLEARED`` among a packet's flags."""


@dataclass(slots=True)
class _Clock:
    """Where a clock stood at the last snapshot, and where the main clock then stood."""

    ticks: int
    main_ns: int
    tick_ns: int
    counts_on: bool


class Clocks:
    """Brings times to ``BOOTTIME``, or to the first clock of snapshots that lack it.

    A clock that no snapshot speaks of is taken for the main one. Clocks of a sequence may count
    on from packet to packet, so ``ns`` must see every packet that has a time, once and in order.
    """

    def __init__(self) -> None:
        self._clocks: dict[tuple[int, int], _Clock] = {}
        self._default: dict[int, int] = {}

    def take(self, packet: TracePacket) -> None:
        """Take in what ``packet`` says of clocks."""
        sequence = packet.trusted_packet_sequence_id
        if starts_anew(packet):
            self._default.pop(sequence, None)
        if packet.trace_packet_defaults.timestamp_clock_id:
            self._default[sequence] = packet.trace_packet_defaults.timestamp_clock_id
        snapshot = packet.clock_snapshot.clocks
        if not snapshot:
            return
        main = next((c for c in snapshot if c.clock_id == BOOTTIME), snapshot[0])
        for clock in snapshot:
            self._clocks[_key(sequence, clock.clock_id)] = _Clock(
                clock.timestamp,
                main.timestamp,
                clock.unit_multiplier_ns or 1,
                clock.is_incremental,
            )

    def ns(self, packet: TracePacket) -> int:
        """Return the time of ``packet`` in nanoseconds of the main clock.

        Raises:
            OverflowError: it is before 0 or needs more than 63 bits.
        """
        sequence = packet.trusted_packet_sequence_id
        number = packet.timestamp_clock_id or self._default.get(sequence, BOOTTIME)
        clock = self._clocks.get(_key(sequence, number))
        if clock is None:
            return checked_ns(packet.timestamp)
        if clock.counts_on:
            clock.main_ns += packet.timestamp * clock.tick_ns
            return checked_ns(clock.main_ns)
        return checked_ns(clock.main_ns + (packet.timestamp - clock.ticks) * clock.tick_ns)


def checked_ns(time_ns: int) -> int:
    """Return ``time_ns`` as it is.

    Raises:
        OverflowError: it is before 0 or needs more than 63 bits.
    """
    if not 0 <= time_ns <= MAX_NS:
        raise OverflowError(f"a time of {time_ns} ns is outside 0 to {MAX_NS}")
    return time_ns


def starts_anew(packet: TracePacket) -> bool:
    """Whether what the packet's sequence has said so far, names and defaults, holds no longer."""
    return bool(packet.incremental_state_cleared or packet.sequence_flags & _CLEARED)


def _key(sequence: int, number: int) -> tuple[int, int]:
    return (sequence if number in _OF_SEQUENCE else 0, number)
