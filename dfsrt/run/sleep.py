"""Sleep: how an idle NPU goes down into a state and comes up again (rule 9).

A stretch of idle time begins when nothing is left to do. The idle governor then says which state
to enter, and when; once there it is asked for a deeper one. Entering cannot be aborted: a request
that comes meanwhile waits until the state is entered and left again. At the same nanosecond a
phase ends first, then requests come, then a state is entered. While the rail moves none is. Where
a schedule says which state an idle NPU is in, it is entered at once and nobody else is asked.
"""

from __future__ import annotations

from dfsrt.device.boundary import move_ns
from dfsrt.governor.idle.dispatch import choose_state, learn
from dfsrt.governor.idle.rule import ASK, NEVER_NS, ORACLE, Outlook
from dfsrt.run.account import close_account
from dfsrt.run.machine import Asked, Device, Machine, Out, change_unseen, move_rail, stand_until
from dfsrt.run.meter import Meter, book_idle
from dfsrt.run.orders import order_at
from dfsrt.run.outlook_ahead import known_ns, write_following
from dfsrt.run.queue import next_event_ns
from dfsrt.run.queue_state import Queue
from dfsrt.run.sleep_state import ASLEEP, ENTERING, EXITING, NOWHERE, UP, phase_code


def pass_time(
    m: Machine, device: Device, asked: Asked, q: Queue, out: Out, meter: Meter, until_ns: int
) -> bool:
    """Let idle time pass up to ``until_ns`` or to the next turn; False: somebody must choose."""
    idle = device.idle
    if idle.on:
        if m.phase == UP and m.wanted_ns >= 0:  # who woke it has left unserved
            end_stretch(m, device, out)
        if m.idle_since_ns < 0:
            begin_stretch(m, device, q)
        if not m.asks:
            take_turns(m, device, asked, q, out)
        if m.asks:
            return False
        until_ns = min(until_ns, next_turn_ns(m, device))
    change_unseen(m, device)
    until_ns = min(until_ns, m.memory_ns, asked.idle_ns)
    begin = m.now_ns
    stand_until(m, device, asked, out, until_ns)
    if idle.on:
        code = phase_code(m.phase, m.before, m.state, idle.states)
        watts = idle.truth.up_w[m.set_point] if code == 0 else idle.draws_w[code]
        m.spent_j += watts * ((m.now_ns - begin) * 1e-9)
    if meter.on:
        book_idle(meter, m, device.rail, device.idle.states, begin)
    return True


def begin_stretch(m: Machine, device: Device, q: Queue) -> None:
    """Begin a stretch of idle time: ask for a state."""
    m.idle_since_ns, m.wanted_ns, m.deepest = m.now_ns, -1, NOWHERE
    m.spent_j = 0.0
    m.timer_ns = known_ns(q, device.idle.clocked, m.now_ns)
    decide(m, device, q)


def decide(m: Machine, device: Device, q: Queue) -> None:
    """Ask the rule for the next state; an object outside the loop is asked by who runs it."""
    idle, now = device.idle, m.now_ns
    if len(idle.orders_ns) > 0:
        ordered, m.order_ns = order_at(idle, now)
        if ordered != NOWHERE:
            plan_sleep(m, ordered, now - m.idle_since_ns, NEVER_NS)
            return
    if idle.rule.kind == ASK:
        m.asks = True
        return
    if idle.rule.kind == ORACLE:
        write_following(q, idle.service_ns, idle.rule.memory)
    event_ns = next_event_ns(q)
    look = Outlook(
        0 if idle.lowers else m.set_point,
        m.state,
        now - m.idle_since_ns,
        known_ns(q, idle.clocked, now),
        NEVER_NS if event_ns >= NEVER_NS else event_ns - now,
        NEVER_NS,
        settles_ns(m, device),
        falls_ns(m, device, now) if m.state == NOWHERE else 0,
    )
    state, after_ns, wake_ns = choose_state(idle.rule, look)
    plan_sleep(m, state, after_ns, wake_ns)


def settles_ns(m: Machine, device: Device) -> int:
    """Return how long the rail still moves, down to its lowest where it is to be lowered."""
    settled = max(m.settled_ns, m.now_ns)
    return int(settled - m.now_ns + falls_ns(m, device, settled))


def falls_ns(m: Machine, device: Device, begin_ns: int) -> int:
    """Return how long the rail falls from where it goes to where it is to be lowered."""
    idle = device.idle
    if not idle.lowers or m.to_uv == idle.low_uv:
        return 0
    return int(move_ns(begin_ns, m.to_uv, idle.low_uv, device.rail)[2] - begin_ns)


def plan_sleep(m: Machine, state: int, after_ns: int, wake_ns: int) -> None:
    """Write down the next state and when to enter and to leave it, from the stretch's beginning."""
    m.next_state = state if state > m.state else NOWHERE
    m.turn_ns, m.wake_ns = NEVER_NS, NEVER_NS
    if m.next_state != NOWHERE and after_ns < NEVER_NS:
        m.turn_ns = max(m.idle_since_ns + after_ns, m.now_ns)
    if wake_ns < NEVER_NS:
        m.wake_ns = m.idle_since_ns + wake_ns


def next_turn_ns(m: Machine, device: Device) -> int:
    """Return when the phase changes by itself, or the rail may be lowered."""
    turn = m.turn_ns
    if m.phase == ASLEEP:
        turn = min(turn, m.wake_ns)
    if m.phase == UP and device.idle.lowers and m.to_uv != device.idle.low_uv:
        turn = min(turn, max(m.settled_ns, m.now_ns))
    if (m.phase == UP or m.phase == ASLEEP) and m.order_ns > m.now_ns:
        turn = min(turn, m.order_ns)
    return turn


def take_turns(m: Machine, device: Device, asked: Asked, q: Queue, out: Out) -> None:
    """Do what is due now: end a phase, lower the rail, enter a state, or leave it unasked."""
    end_phase(m, device, q)
    if m.order_ns <= m.now_ns and m.wanted_ns < 0 and (m.phase == UP or m.phase == ASLEEP):
        decide(m, device, q)
    if m.phase == UP and m.wanted_ns < 0:
        if device.idle.lowers and m.to_uv != device.idle.low_uv and m.settled_ns <= m.now_ns:
            move_rail(m, device, asked, out, m.now_ns, device.idle.low_uv, 0)
        if m.turn_ns <= m.now_ns and m.settled_ns > m.now_ns:
            m.turn_ns = m.settled_ns
    if m.phase == ASLEEP and m.wake_ns <= m.now_ns and not m.asks:
        begin_exit(m, device)
    elif (m.phase == UP or m.phase == ASLEEP) and m.turn_ns <= m.now_ns and not m.asks:
        begin_entry(m, device, out)


def begin_entry(m: Machine, device: Device, out: Out) -> None:
    """Begin to enter the next state, from up or from a shallower one."""
    states = device.idle.states
    m.before, m.state, m.phase = m.state, m.next_state, ENTERING
    m.deepest, m.next_state, m.entered_ns = m.state, NOWHERE, m.now_ns
    m.turn_ns = m.now_ns + device.idle.down_ns[(m.before + 1) * states + m.state]
    out.sleeps[m.state] += 1


def begin_exit(m: Machine, device: Device) -> None:
    """Begin to leave the state."""
    m.phase, m.next_state, m.wake_ns = EXITING, NOWHERE, NEVER_NS
    m.turn_ns = m.now_ns + device.idle.exit_ns[m.state]


def end_phase(m: Machine, device: Device, q: Queue) -> None:
    """End what ends now: the way down, whereupon a deeper state may be chosen, or the way up."""
    if m.phase == ENTERING and m.turn_ns <= m.now_ns:
        m.phase, m.turn_ns = ASLEEP, NEVER_NS
        wake_ns = m.wake_ns
        if m.wanted_ns < 0:
            decide(m, device, q)
        if m.next_state == NOWHERE and not m.asks:
            m.wake_ns = min(m.wake_ns, wake_ns)
    elif m.phase == EXITING and m.turn_ns <= m.now_ns:
        m.phase, m.state, m.turn_ns = UP, NOWHERE, NEVER_NS


def want(m: Machine, device: Device, out: Out) -> None:
    """Take note that a request waits for a sleeping NPU, and wake it where it can be."""
    idle = device.idle
    if m.wanted_ns < 0:
        m.wanted_ns = m.now_ns
        point = 0 if idle.lowers else m.set_point
        pays_ns = idle.rule.residency_ns[point * idle.states + m.state]
        if m.now_ns - m.entered_ns < pays_ns and m.phase != EXITING:
            out.sleeps[idle.states + m.state] += 1
    m.asks = False
    if m.phase == ASLEEP:
        begin_exit(m, device)


def end_stretch(m: Machine, device: Device, out: Out) -> int:
    """End the stretch with the request that runs now: learn from it and close its account.

    Returns how long the request has waited for a sleeping NPU.
    """
    idle = device.idle
    came_ns = m.now_ns if m.wanted_ns < 0 else m.wanted_ns
    waited_ns = 0
    if m.deepest != NOWHERE:
        waited_ns = m.now_ns - came_ns
        out.sleeps[2 * idle.states + m.deepest] += waited_ns
    point = 0 if idle.lowers else m.set_point
    learn(idle.rule, point, m.deepest, came_ns - m.idle_since_ns, m.timer_ns)
    close_account(m, device, out, point)
    m.idle_since_ns, m.turn_ns, m.wake_ns = -1, NEVER_NS, NEVER_NS
    m.next_state, m.wanted_ns = NOWHERE, -1
    return waited_ns
