"""What an idle NPU does in a run: who puts it to sleep, where its rail stands, and the account."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.device.npu import Npu
from dfsrt.governor.idle import idle_label, make_idle_governor
from dfsrt.run.checks import check_choice
from dfsrt.run.idle_tables import IDLE_RAILS, IdlePolicy
from dfsrt.run.spec import RunSpec

STAYS_UP = "none"
"""The idle governor that enters no state."""


def says_idle(spec: RunSpec) -> bool:
    """Return whether a specification says what an idle NPU does."""
    return spec.idle is not None or spec.idle_rail is not None


def idle_policy(spec: RunSpec, clocked: bool) -> IdlePolicy:
    """Return what an idle NPU does by a specification; ``clocked`` as in ``IdlePolicy``.

    Where anything is said of it, an account is kept.

    Raises:
        InputError: a governor or a place of the rail that cannot be had.
    """
    rail = check_choice(str(spec.idle_rail or IDLE_RAILS[0]), "idle rail", IDLE_RAILS)
    governor = make_idle_governor(STAYS_UP if spec.idle is None else spec.idle)
    return IdlePolicy(governor, rail == "lowest", clocked, says_idle(spec))


def check_states(spec: RunSpec, npu: Npu, own: RunSpec | None) -> None:
    """Check that who is said to put an NPU to sleep has a state to put it in.

    What a scenario says itself, ``own``, holds for the devices that have states.

    Raises:
        InputError: there is none.
    """
    if npu.idle or spec.idle is None or (own is not None and own.idle == spec.idle):
        return
    name = idle_label(spec.idle)
    if name != STAYS_UP:
        raise InputError(
            f"idle governor '{name}' has nothing to choose from: device '{npu.name}' has no idle "
            "states; leave it out, say 'none', or give the device [idle.states]"
        )
