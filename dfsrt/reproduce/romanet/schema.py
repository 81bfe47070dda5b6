"""What the experiment comes to, as JSON has it."""

from __future__ import annotations

import msgspec

from dfsrt.reproduce.romanet.figures import AFTER, BEFORE


class PolicyBytes(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that cross under one policy, over every operand once and over the bound."""

    policy: str
    dram_bytes: int
    over_once: float
    over_bound: float


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """ROMANet's tiles where maps lie by ``layout`` and addresses by ``map``.

    ``row_hit_rate`` is the share of bursts that find their row open, ``overfetch`` whole bursts
    over bytes of use, ``energy_per_byte_j`` of a byte of use, with standby while the DRAM works.
    """

    layout: str
    map: str
    row_hit_rate: float
    overfetch: float
    energy_per_byte_j: float
    energy_j: float


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """From a ``baseline`` policy without ROMANet's placement to ROMANet with it, less 1.

    ``(1 + bytes) (1 + energy_per_byte)`` is ``1 + energy``.
    """

    baseline: str
    bytes: float
    energy_per_byte: float
    energy: float


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The convolutions of a network, or all of its layers."""

    scope: str
    once_bytes: int
    bound_bytes: int
    policies: tuple[PolicyBytes, ...]
    placements: tuple[Placement, ...]
    changes: tuple[Change, ...]

    def of(self, policy: str) -> PolicyBytes:
        """Return the bytes under a policy."""
        return next(each for each in self.policies if each.policy == policy)

    def placed(self, layout: str, order: str) -> Placement:
        """Return the rows of a layout and a map."""
        return next(p for p in self.placements if (p.layout, p.map) == (layout, order))

    @property
    def placement_change(self) -> float:
        """What placement alone changes, the tiles being ROMANet's: joules a byte, less 1."""
        return self._from(BEFORE)

    @property
    def bursts_change(self) -> float:
        """What tiles stored whole change of it: fewer bursts, for runs are longer."""
        return self._from((BEFORE[0], AFTER[1]))

    @property
    def rows_change(self) -> float:
        """What the order of addresses changes of it: fewer rows opened, or sooner."""
        return self._from((AFTER[0], BEFORE[1]))

    def _from(self, before: tuple[str, str]) -> float:
        own = self.placed(*AFTER).energy_per_byte_j
        return own / self.placed(*before).energy_per_byte_j - 1


class NetworkParts(msgspec.Struct, frozen=True, kw_only=True):
    """A network: the paper's figure, what each part gives, and in words what that means.

    ``bursts_a_row`` is how many bursts a row served at most in a baseline, row after row in other
    banks, if rows alone are to give the paper's figure; 0 where not even one would.
    """

    network: str
    paper: float | None
    bursts_a_row: int | None
    verdict: str
    scopes: tuple[Scope, ...]


class RomanetReport(msgspec.Struct, frozen=True, kw_only=True):
    """``dfsrt reproduce romanet``."""

    schema_version: int
    experiment: str
    paper: str
    paper_source: str
    recalled: str
    precision: str
    buffer: str
    dram: str
    worst_energy_per_byte_j: float
    best_energy_per_byte_j: float
    networks: tuple[NetworkParts, ...]
