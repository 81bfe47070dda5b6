"""Energies of commands against a published package's, from the same currents."""

from __future__ import annotations

import pytest

from dfsrt.cost.dram import command_energy
from dfsrt.device.dram import load_dram

energydram = pytest.importorskip("energydram", reason="dependency group 'oracles' is not installed")
BURSTS = {"ddr3-1600": 1, "ddr3l-1600": 1, "lpddr4-3200": 2}
"""Bursts of theirs, of 8, in one of ours."""


def theirs(dram):
    t = dram.timing
    timing = energydram.Timing(RAS=t.tras, REFI=t.trefi, RFC=t.trfc, RP=t.trp, RRD=t.trrd_s)
    pairs = []
    for s in dram.supplies:
        currents = energydram.IDDs(
            idd0=s.idd0_ma, idd2n=s.idd2n_ma, idd2p=s.idd2p_ma, idd3n=s.idd3n_ma,
            idd3p=s.idd2p_ma, idd4r=s.idd4r_ma, idd4w=s.idd4w_ma, idd5=s.idd5_ma,
        )  # fmt: skip
        pairs += [s.voltage_uv * 1e-6, currents]
    if len(pairs) == 2:
        return energydram.EnergyDDR(t.tck_ns, timing, *pairs, dram.organisation.devices)
    return energydram.EnergyLPDDR(t.tck_ns, timing, *pairs, dram.organisation.devices, ddr=4)


@pytest.mark.parametrize("name", BURSTS)
def test_commands_take_what_they_take_there(name):
    dram = load_dram(name)
    e, other, t = command_energy(dram), theirs(dram), dram.timing
    assert e.activate_j * 1e12 == pytest.approx(other.activate_energy())
    assert e.read_j * 1e12 == pytest.approx(BURSTS[name] * other.readwrite_energy(1, 0))
    assert e.write_j * 1e12 == pytest.approx(BURSTS[name] * other.readwrite_energy(0, 1))
    every_ns = t.trefi * t.tck_ns
    assert e.refresh_w * every_ns * 1e3 == pytest.approx(other.refresh_energy())
    states = ("bankact_ckehi", "bankpre_ckehi", "bankpre_ckelo")
    for watts, state in zip((e.open_w, e.closed_w, e.down_w), states, strict=True):
        told = other.background_energy(**{f"cycles_{state}": 1})
        assert watts * t.tck_ns * 1e3 == pytest.approx(told)
