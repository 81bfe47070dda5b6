"""Idle views to try an idle governor on: ordinary ones and the odd corners."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.governor.idle import IdleView

MS = 1_000_000


def make_idle_view() -> IdleView:
    """Return the beginning of a stretch on a device with two states, nothing known of its end.

    Up takes 100 mW. Retention takes 40 mW and pays from 1 ms on, collapse 5 mW and from 5 ms on.
    """
    return IdleView(
        state=-1,
        idle_ns=0,
        up_w=0.1,
        power_w=(0.04, 0.005),
        entry_ns=(100_000, 400_000),
        exit_ns=(100_000, 600_000),
        residency_ns=(1 * MS, 5 * MS),
        entry_j=(34e-6, 180e-6),
        exit_j=(34e-6, 300e-6),
    )


def odd_idle_views() -> dict[str, IdleView]:
    """Return views that break careless governors, by what is odd about them."""
    plain = make_idle_view()
    past = tuple(MS * k for k in (3, 30, 2, 33, 33, 1, 33, 40, 33, 2_000, 33, 33, 1, 2, 3, 4))
    return {
        "plain": plain,
        "no state at all": replace(
            plain,
            power_w=(),
            entry_ns=(),
            exit_ns=(),
            residency_ns=(),
            entry_j=(),
            exit_j=(),
        ),
        "one state": replace(
            plain,
            power_w=(0.005,),
            entry_ns=(400_000,),
            exit_ns=(600_000,),
            residency_ns=(5 * MS,),
            entry_j=(180e-6,),
            exit_j=(300e-6,),
        ),
        "free states": replace(
            plain,
            entry_ns=(0, 0),
            exit_ns=(0, 0),
            residency_ns=(0, 0),
            entry_j=(0.0, 0.0),
            exit_j=(0.0, 0.0),
        ),
        "nothing saved": replace(plain, up_w=0.0, power_w=(0.0, 0.0), residency_ns=(2**62,) * 2),
        "frames on a clock": replace(plain, timer_ns=33 * MS, past_ns=past),
        "an event that is due now": replace(plain, timer_ns=0),
        "some past": replace(plain, past_ns=past[:3]),
        "much past": replace(plain, past_ns=past),
        "a night behind it": replace(plain, past_ns=(36_000_000 * MS, *past[:15])),
        "in the first state": replace(plain, state=0, idle_ns=2 * MS, past_ns=past),
        "in the deepest state": replace(plain, state=1, idle_ns=9 * MS, past_ns=past),
    }
