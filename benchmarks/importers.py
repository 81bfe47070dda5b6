"""What it takes to import a profile, a power log or a trace of 10,000 rows, sound or damaged."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import call_cpu_s
from tests.helpers import profiles

ROWS = 10_000


def importing() -> dict[str, Any]:
    from dfsrt.recording import read_recording, summary_of
    from dfsrt.recording.layer_times import read_layer_times

    costs: dict[str, Any] = {"rows": ROWS}
    with tempfile.TemporaryDirectory() as folder:
        for kind, text in _profiles().items():
            path = Path(folder) / kind
            path.write_text(text)
            spec = f"{kind}:{path}"
            costs[kind] = call_cpu_s(lambda spec=spec: read_layer_times(spec), runs=5)
        for kind, text in _logs().items():
            path = Path(folder) / kind
            path.write_text(text)
            costs[kind] = call_cpu_s(lambda path=path: summary_of(read_recording(path)), runs=5)
    return costs


def _profiles() -> dict[str, str]:
    rows = [(n, *profiles.ROWS[1][1:11], f"/layer.{n}/Conv") for n in range(1, ROWS + 1)]
    head, first, _ = profiles.vela_3().splitlines()
    share = first.replace(",75.0,", f",{100 / ROWS},")
    entries = json.loads(profiles.tensorrt())
    layer = {**entries[1], "percentage": 100 / ROWS}
    return {
        "rknn": profiles.rknn_20(rows),
        "vela": "\n".join([head, *[share] * ROWS, ""]),
        "tensorrt": json.dumps([entries[0], *[layer] * ROWS]),
        "openvino": profiles.openvino(requests=((250, 100),) * (ROWS // 4)),
        "onnxruntime": profiles.onnxruntime(runs=((30, 10),) * (ROWS // 2)),
    }


def _logs() -> dict[str, str]:
    memory = "RAM 2448/30536MB SWAP 0/15268MB CPU [1%@729,off] GR3D_FREQ 0%@[305] cpu@50.5C"
    events = [
        {"ph": "X", "cat": "cpu_op", "name": f"aten::mm {n % 50}", "pid": 0, "tid": 7, "dur": 1.5,
         "ts": n + 0.125, "args": {"External id": n, "Input Dims": [[1, 2], [3, 4]]}}
        for n in range(ROWS)
    ]  # fmt: skip
    trace = json.dumps(events)
    return {
        "chrome": trace,
        "chrome, one event broken": trace.replace('"dur": 1.5', '"dur": 1.5}', 1),
        "chrome, every event mended": trace.replace("[1, 2]", "[nan, 2,]"),
        "tegrastats": f"{memory} VDD_GPU_SOC 4000mW/3000mW VDD_CPU_CV 600mW/500mW\n" * ROWS,
        "power": "time_ms,power_mw\n" + "".join(f"{n},{n % 900}\n" for n in range(ROWS)),
    }


if __name__ == "__main__":
    print(json.dumps(importing(), indent=2))
