"""Samples of the world over time, the fewer the longer it runs."""

from __future__ import annotations

from dfsrt.world.world import World


def sample(world: World, npu_w: float, done: int) -> None:
    """Write a sample where one is due; with no place left, every second one is let go."""
    state, cell = world.state, world.cell
    if state.now_ns < state.next_sample_ns and state.end == 0:
        return
    if state.n_samples == len(world.samples):
        _thin_out(world)
    row = world.samples[state.n_samples]
    row.time_s = state.now_ns * 1e-9
    row.charge, row.voltage_v, row.current_a = cell.soc, cell.voltage_v, cell.current_a
    row.power_w, row.npu_w = state.power_w, npu_w
    row.cap_w, row.npu_limit_w = state.cap_w, state.npu_limit_w
    row.max_level, row.done = state.max_level, done
    for k in range(len(world.temp_c)):
        world.sample_temp_c[state.n_samples, k] = world.temp_c[k]
    state.n_samples += 1
    state.next_sample_ns = state.now_ns + state.sample_ns


def _thin_out(world: World) -> None:
    half = len(world.samples) // 2
    for k in range(half):
        world.samples[k] = world.samples[2 * k]
        for node in range(world.sample_temp_c.shape[1]):
            world.sample_temp_c[k, node] = world.sample_temp_c[2 * k, node]
    world.state.n_samples = half
    world.state.sample_ns *= 2
