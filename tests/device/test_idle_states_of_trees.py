"""Idle states in device trees: those of the NPU and its power domain, and nobody else's."""

from __future__ import annotations

import subprocess

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device import load_device
from dfsrt.device.devicetree import import_device_tree, read_device_tree

TREE = """
/ {
  idle-states {
    cpu_ret: cpu-retention { compatible = "arm,idle-state"; local-timer-stop;
      entry-latency-us = <18>; exit-latency-us = <33>; min-residency-us = <130>; };
    shallow: stop { compatible = "domain-idle-state"; idle-state-name = "npu retention";
      entry-latency-us = <20>; exit-latency-us = <40>; min-residency-us = <50>; };
    deep: npu-off { compatible = "domain-idle-state"; local-timer-stop;
      arm,psci-suspend-param = <7>;
      entry-latency-us = <120>; exit-latency-us = <250>; min-residency-us = <900>; };
    other: gpu-off { compatible = "domain-idle-state";
      entry-latency-us = <1>; exit-latency-us = <2>; min-residency-us = <5>; };
  };
  cpus { cpu@0 { cpu-idle-states = <&cpu_ret>; }; };
  power: power-controller { #power-domain-cells = <1>;
    top { npu@9 { reg = <9>; domain-idle-states = <&shallow &deep>; };
          gpu@12 { reg = <12>; domain-idle-states = <&other>; }; };
  };
  accelerator@1000 { operating-points-v2 = <&points>; power-domains = <&power 9>; };
  points: opp-table { compatible = "operating-points-v2";
    opp-1 { opp-hz = /bits/ 64 <400000000>; opp-microvolt = <650000>; };
    opp-2 { opp-hz = /bits/ 64 <900000000>; opp-microvolt = <800000>; }; };
};
"""


def imported(text, write_device):
    result = import_device_tree(text, source="board.dts")
    return load_device(write_device(result.text)), result.warnings


def test_states_of_the_npus_power_domain_are_taken_over_and_others_counted(write_device):
    npu, said = imported(TREE, write_device)
    assert [s.name for s in npu.idle] == ["npu-retention", "npu-off"]
    ways = [(s.entry_ns, s.exit_ns, s.residency_ns) for s in npu.idle]
    assert ways == [(20_000, 40_000, 60_000), (120_000, 250_000, 900_000)]
    assert npu.idle[0].loses == ("clock",)
    assert npu.idle[1].loses == ("clock", "registers", "memory")
    assert npu.sources["idle.states.npu-off.exit_ns"] == "imported from board.dts: exit-latency-us"
    assert "idle.states.npu-off.exit_j" in npu.assumed
    assert [line.partition(": ")[2] for line in said] == [
        "stop has a residency of 50 us, below entry and exit; 60 us are taken",
        "npu-retention, npu-off; a tree has no energies: those are assumed",
        "property 'local-timer-stop' is ignored",
        "property 'arm,psci-suspend-param' is ignored",
        "cpu-retention (entry latency 18 us, exit latency 33 us, min residency 130 us); "
        "gpu-off (entry latency 1 us, exit latency 2 us, min residency 5 us)",
    ]


def test_a_compiled_tree_says_the_same(write_device, tmp_path):
    source, blob = tmp_path / "board.dts", tmp_path / "board.dtb"
    source.write_text(f"/dts-v1/;{TREE}")
    done = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", blob, source], check=False)
    if done.returncode:
        pytest.skip("dtc refuses it")
    compiled = import_device_tree(read_device_tree(blob)).text
    written = import_device_tree(read_device_tree(source)).text
    assert compiled.replace("board.dtb", "board.dts") == written


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("<&power 9>", "<&power 12>", ["gpu-off"]),
        ("power-domains = <&power 9>", "cpu-idle-states = <&deep>", ["npu-off"]),
        ("power-domains = <&power 9>;", "", ["collapse", "rail-off"]),  # the base's
        ("<&power 9>", "<&power 10>", ["collapse", "rail-off"]),
        ("npu-off { compat", 'npu-off { status = "disabled"; compat', ["npu-retention"]),
        ("npu-off {", "rail-off {", ["npu-retention", "rail-off-dt1"]),
        ("entry-latency-us = <120>;", "", ["npu-retention"]),
    ],
)
def test_links_decide_whose_a_state_is(old, new, names, write_device):
    npu, said = imported(TREE.replace(old, new), write_device)
    assert [s.name for s in npu.idle] == names
    assert any("taken over" in line for line in said)


def test_a_latency_that_nothing_defines_is_named_with_what_to_do():
    text = TREE.replace("exit-latency-us = <250>", "exit-latency-us = <SLOW>")
    with pytest.raises(DeviceError, match=r"line \d+: 'exit-latency-us' holds 'SLOW'.*-D SLOW=NUM"):
        import_device_tree(text)
