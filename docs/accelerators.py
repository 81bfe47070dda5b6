"""The generated parts of docs/accelerators.md: what its commands print, and what reuse saves."""

from __future__ import annotations

from pathlib import Path

from docs.readme import called, trimmed

EXAMPLES = Path(__file__).parent / "examples"
_PLAIN = "-n 1 --cap none -g performance --power-model datasheet"
OUTPUTS = {
    "dataflows": "dfsrt compare resnet50 --device "
    f"rk3588-npu,rk3588_weight.toml,rk3588_output.toml,rk3588_input.toml {_PLAIN}",
    "rows": "dfsrt compare resnet50 --device "
    f"eyeriss-v1,eyeriss_weight.toml,eyeriss_output.toml,eyeriss_input.toml {_PLAIN}",
    "chips": "dfsrt compare resnet50 --device "
    f"rk3588-npu,systolic-128,hexagon-8gen2,ethos-u55-256,eyeriss-v1,h100-sxm {_PLAIN}",
    "sd2": "dfsrt compare sd2-unet --device rk3588-npu,rk3588_output.toml "
    f"--precision fp16 {_PLAIN}",
}
"""Commands whose output the page shows; they run in docs/examples."""

SUM_BYTES = 4
"""Bytes of a partial sum."""


def parts() -> dict[str, str]:
    """Return the parts of docs/accelerators.md."""
    return {**{name: _console(command) for name, command in OUTPUTS.items()}, "reuse": reuse_text()}


def _console(command: str) -> str:
    done = called(command, EXAMPLES)
    done.check_returncode()
    return f"```console\n$ {command}\n{trimmed(done.stdout)}```\n"


def reuse_text() -> str:
    """Return what fetching every operand of resnet50 anew would take, beside what is fetched."""
    from dfsrt.report.api import Job

    job = Job("resnet50", device="systolic-128", power_model="datasheet")
    silicon, macs = job.npu.silicon, job.table.macs
    sram_pj, dram_pj = silicon.sram_pj_per_byte, 8 * silicon.dram_pj_per_bit
    counted = job.run("performance").report
    frames = counted.frames
    sums = 2 * SUM_BYTES
    rows = [
        ("products and sums themselves", 0, counted.switching_by_action_j["mac"] / frames * 1e3),
        ("weight-stationary array, SRAM", 0, counted.switching_by_action_j["sram"] / frames * 1e3),
        ("its maps and weights, DRAM", 0, counted.energy_by_domain_j.dram / frames * 1e3),
        ("no reuse: two operands of each product from SRAM", 2, macs * 2 * sram_pj * 1e-9),
        ("and its sum to and from SRAM", 2 + sums, macs * (2 + sums) * sram_pj * 1e-9),
        ("no buffer: two operands of each product from DRAM", 2, macs * 2 * dram_pj * 1e-9),
    ]
    lines = ["| resnet50, int8, on systolic-128 | bytes a product | mJ a frame |", "|---|---|---|"]
    lines += [f"| {what} | {count or ''} | {mj:,.3g} |" for what, count, mj in rows]
    return "\n".join(lines) + "\n"
