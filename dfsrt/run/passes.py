"""Passes of language models: one run through a graph, and what its requests have after it.

A pass takes in tokens, of a prompt so many at once, of what was written one at a time, and reads
what is cached, block by block. A graph has room for a fixed number of tokens, as NPUs want it: the
smallest that they fit is taken, and padded.

In a pass of several requests the tokens of a prompt see, on average, what is cached and half of
those beside them: as many blocks, each read once for all of them.
"""

from __future__ import annotations

from dfsrt.network.passes import CACHE_BLOCK
from dfsrt.run.queue_state import Queue, Slot, Workload


def begin_pass(q: Queue, request: int) -> None:
    """Give a request its next pass: tokens of its prompt, else the one that it wrote last."""
    slot = q.slots[request]
    work = q.workloads[slot.workload]
    slot.share = wanted(slot, work.chunk)
    slot.units = blocks(slot.past)
    slot.step = step_for(q, work, slot.share)
    slot.layer = q.steps[slot.step].first


def blocks(tokens: int) -> int:
    """Return the blocks of a cache of so many tokens; one that is begun is read in full."""
    return -(-tokens // CACHE_BLOCK)


def wanted(slot: Slot, most: int) -> int:
    """Return how many tokens a request can take in next, of its prompt ``most`` at once."""
    return 1 if slot.past >= slot.prompt else min(slot.prompt - slot.past, most)


def step_for(q: Queue, work: Workload, tokens: int) -> int:
    """Return the step with the least room that so many tokens fit; the largest come first."""
    step = work.first
    while step + 1 < work.key and q.steps[step + 1].tokens >= tokens:
        step += 1
    return step


def take_tokens(slot: Slot, now_ns: int) -> bool:
    """Book a request's part in a pass that ends now; return whether it has all its tokens."""
    slot.past += slot.share
    if slot.past < slot.prompt:
        return False
    if slot.first_ns < 0:
        slot.first_ns = now_ns
    else:
        slot.gap_ns = max(slot.gap_ns, now_ns - slot.token_ns)
    slot.token_ns = now_ns
    return slot.past - slot.prompt + 1 >= slot.tokens


def in_pass(q: Queue, request: int) -> bool:
    """Whether a request is within a pass, which is not interrupted."""
    slot = q.slots[request]
    return slot.tokens > 0 and slot.layer > q.steps[slot.step].first


def share_out(q: Queue) -> int:
    """Give all of the batch their tokens of the next pass; return how many more there is room for.

    Those that write come first, a token each, then prompts in order of arrival.
    """
    room = q.state.budget
    for k in range(q.state.n_batch):
        slot = q.slots[q.batch[k]]
        slot.share = 0
        if slot.past >= slot.prompt:
            slot.share = min(1, room)
            room -= slot.share
    for k in range(q.state.n_batch):
        slot = q.slots[q.batch[k]]
        if slot.past < slot.prompt:
            slot.share = min(wanted(slot, q.workloads[slot.workload].chunk), room)
            room -= slot.share
    return room


def fits_batch(q: Queue, request: int) -> bool:
    """Whether there is room in a batch, and for all that a request will have in its cache."""
    slot = q.slots[request]
    return (
        q.state.n_batch < q.state.most_batch
        and q.state.cached + slot.prompt + slot.tokens <= q.state.cache_limit
    )


def join_batch(q: Queue, request: int, room: int) -> int:
    """Let a request join the batch, with tokens of its prompt; return how many."""
    s, slot = q.state, q.slots[request]
    slot.share = min(wanted(slot, q.workloads[slot.workload].chunk), room)
    q.batch[s.n_batch] = request
    s.n_batch += 1
    s.cached += slot.prompt + slot.tokens
    return slot.share


def lead(q: Queue) -> int:
    """Return the first of the batch, which stands for all of it in the pass that begins."""
    tokens = units = shared = 0
    for k in range(q.state.n_batch):
        slot = q.slots[q.batch[k]]
        if slot.share > 0:
            tokens += slot.share
            if slot.past < slot.prompt:
                shared += -(-(2 * slot.past + slot.share - 1) // (2 * CACHE_BLOCK))
            else:
                units += blocks(slot.past)
    first = int(q.batch[0])
    slot = q.slots[first]
    slot.units, slot.shared = units, shared
    slot.step = step_for(q, q.workloads[slot.workload], tokens)
    slot.layer = q.steps[slot.step].first
    return first
