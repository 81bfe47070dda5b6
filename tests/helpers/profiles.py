"""Profiles of layers written anew, in the forms of the tools that people have."""

from __future__ import annotations

import json

RKNN_13 = (
    "ID  OpType  DataType  Target  InputShape  OutputShape  DDRCycles  NPUCycles  MaxCycles"
    "  Time(us)  MacUsage(%)  RW(KB)  FullName"
)
RKNN_15 = (
    "ID   OpType           DataType Target InputShape             OutputShape      DDR Cycles"
    "     NPU Cycles     Total Cycles   Time(us)       MacUsage(%)"
    "    WorkLoad(0/1/2)-ImproveTherical        Task Number    Task Size      Regcmd Size"
    "    RW(KB)         FullName"
)
RKNN_20 = (
    "ID   OpType             DataType Target InputShape            OutputShape"
    "            Cycles(DDR/NPU/Total)    Time(us)     MacUsage(%)          WorkLoad(0/1/2)"
    "      RW(KB)       FullName        "
)
RULE = "-" * 120
RANKING = (
    "                    Operator Time Consuming Ranking Table\n"
    "OpType     CallNumber CPUTime(us) GPUTime(us) NPUTime(us) TotalTime(us) TimeRatio(%)\n"
    "ConvRelu   2          0           0           77          77            80.21%\n"
)
ROWS = (
    (1, "InputOperator", "UINT8", "CPU", "\\", "(1,3,64,64)", 0, 0, 4, "\\", 12, "image"),
    (
        2,
        "ConvRelu",
        "UINT8",
        "NPU",
        "(1,3,64,64),(16,3,3,3),(16)",
        "(1,16,32,32)",
        1200,
        4608,
        55,
        9.5,
        28.19,
        "/a/Conv",
    ),
    (
        3,
        "ConvRelu",
        "INT8",
        "NPU",
        "(1,16,32,32),(1,16,3,3),(16)",
        "(1,16,32,32)",
        640,
        1024,
        22,
        1.5,
        32,
        "/b/Conv",
    ),
    (
        4,
        "Concat",
        "INT8",
        "NPU",
        "(1,16,32,32),(1,16,32,32),...",
        "(1,48,32,32)",
        1900,
        0,
        11,
        "\\",
        96,
        "/c/Concat",
    ),
    (5, "OutputOperator", "INT8", "CPU", "(1,48,32,32)", "\\", 0, 0, 4, "\\", 48, "y"),
)
"""ID, operator, type, target, shapes, DDR and NPU cycles, µs, use in %, KB, and node of a layer."""


def rknn_13(rows=ROWS, total=None) -> str:
    """As SDK 1.3 prints it: a column each for cycles, no loads."""
    lines = [RKNN_13]
    for n, op, kind, on, x, y, ddr, npu, us, use, kb, name in rows:
        cells = (n, op, kind, on, x, y, ddr, npu, max(ddr, npu), us, use, kb, f"{op[:4]}:{name}")
        lines.append("  ".join(map(str, cells)))
    lines += [f"Total Operator Elapsed Time(us): {_total(rows, total)}"]
    return "\n".join([*lines, "Total Memory RW Amount(MB): 0.2", ""])


def rknn_15(rows=ROWS, total=None) -> str:
    """As SDK 1.5 prints it: heads of two words, and loads with a share after a dash."""
    lines = ["=" * 100, " " * 20 + "Performance", "=" * 100, RKNN_15]
    for n, op, kind, on, x, y, ddr, npu, us, use, kb, name in rows:
        load = "100.0%/0.0%/0.0% - Up:0.0%"
        cells = (n, op, kind, on, x, y, ddr, npu, max(ddr, npu), us, use, load, 3, 64, 128, kb)
        lines.append("    ".join(map(str, cells)) + f"    {op[:4]}:{name}")
    lines += [f"Total Operator Elapsed Time(us): {_total(rows, total)}", RANKING]
    return "\n".join(lines)


def rknn_20(rows=ROWS, total=None, prefix="D RKNN: [12:00:00.250] ") -> str:
    """As the runtime of SDK 2 logs it: cycles in one column, a prefix before each line."""
    lines = ["I rknn-toolkit2 version: 2.3.0", RULE, RKNN_20, RULE]
    for n, op, kind, on, x, y, ddr, npu, us, use, kb, name in rows:
        cycles = f"{ddr}/{npu}/{max(ddr, npu)}"
        uses = use if use == "\\" else f"{use}/0.00/0.00"
        cells = (n, op, kind, on, x, y, cycles, us, uses, "100.0%/0.0%/0.0%", kb)
        lines.append("   ".join(map(str, cells)) + f"   {op[:4]}:{name}   ")
    lines += [
        RULE,
        f"Total Operator Elapsed Per Frame Time(us): {_total(rows, total)}",
        f"Total Memory Read/Write Per Frame Size(KB): {sum(row[10] for row in rows):.2f}",
        *RANKING.splitlines(),
    ]
    return "".join(f"{prefix}{line}\n" for line in lines)


def rknn_csv(rows=ROWS) -> str:
    """As the toolkit writes it into eval_perf.csv: SDK 2's columns with commas, and no total."""
    lines = [
        "ID,OpType,DataType,Target,InputShape,OutputShape,DDRCycles,NPUCycles,MaxCycles,Time(us),"
        "MacUsage(%),WorkLoad(0/1/2),TaskNumber,RW(KB),FullName"
    ]
    for n, op, kind, on, x, y, ddr, npu, us, use, kb, name in rows:
        load, shapes = "100.0%/0.0%/0.0%", [f'"{x}"', f'"{y}"']
        cells = (n, op, kind, on, *shapes, ddr, npu, max(ddr, npu), us, use, load, 2, kb)
        lines.append(",".join(map(str, cells)) + f",{op[:4]}:{name}")
    return "\n".join([*lines, ""])


def _total(rows, total):
    return sum(row[8] for row in rows) if total is None else total


VELA_3 = (
    "TFLite_operator,NNG Operator,SRAM Usage,Peak%,Op Cycles,Network%,NPU,SRAM AC,DRAM AC,"
    "OnFlash AC,OffFlash AC,MAC Count,Network%,Util%,Name"
)
VELA_5 = (
    "Original Operator,NNG Operator,Target,Staging Usage,Peak% (Staging),Op Cycles,"
    "Network% (cycles),NPU,SRAM AC,DRAM AC,OnFlash AC,OffFlash AC,MAC Count,Network% (MAC),"
    "Util% (MAC),Name"
)


def vela_3() -> str:
    """As versions 3 and 4 write it: numbers with a point, names in quotes where they need them."""
    return (
        f"{VELA_3}\n"
        "CONV_2D,Conv2DBias,20224,80.0,8000.0,75.0,6000.0,8000.0,0.0,0.0,0.0,442368,90.0,21.6,"
        "net/relu;net/conv\n"
        'MAX_POOL_2D,MaxPool,9000,40.0,2666.5,25.0,1330.5,2666.5,0.0,0.0,0.0,4096,10.0,9.0,"a,b"\n'
    )


def vela_5() -> str:
    """As version 5 writes it: no quotes, a row for an activation that has joined."""
    return (
        f"{VELA_5}\n"
        "Conv2D,Conv2D,NPU,20224,80.0,8000,75.0,6000,0,0,0,8000,442368,90.0,21.6,net/conv\n"
        "Conv2D,Relu,NPU,0,0.0,0,0.0,0,0,0,0,0,0,0.0,100,net/conv\n"
        "MaxPool,MaxPool,NPU,9000,40.0,2666,25.0,1330,2666,0,0,0,4096,10.0,9.0,a,b\n"
    )


def tensorrt(median: bool = True, count: int = 200) -> str:
    """As version 8 writes it, or 7, without medians."""
    layers = [("conv1 + relu1", 0.125, 62.5), ("fc", 0.075, 37.5)]
    entries: list[dict[str, object]] = [{"count": count}]
    for name, mean_ms, share in layers:
        more = {"medianMs": 0.07} if median else {}
        times = {"timeMs": mean_ms * count, "averageMs": mean_ms}
        entries.append({"name": name, **times, **more, "percentage": share})
    return json.dumps(entries, indent=2)


def openvino(unit: str = "ms", requests=((250, 100), (350, 300)), delimiter: str = ";") -> str:
    """A table a request, each with a convolution and a product of so many microseconds."""
    per = {"ms": 1000, "us": 1, "µs": 1, "s": 10**6}.get(unit, 1)

    def line(*cells: object) -> str:
        return delimiter.join(map(str, cells)) + delimiter + "\n"

    text = ""
    for conv, product in requests:
        times = [(t / per, t / per) for t in (conv, product, conv + product)]
        text += line(
            "layerName",
            "execStatus",
            "layerType",
            "execType",
            f"realTime ({unit})",
            f"cpuTime ({unit})",
        )
        text += line("data", "NOT_RUN", "Parameter", "unknown_FP32", 0.0, 0.0)
        text += line("conv1", "EXECUTED", "Convolution", "jit_avx512_I8", *times[0])
        text += line("relu1", "OPTIMIZED_OUT", "ReLU", "undef", 0.0, 0.0)
        text += line("fc", "EXECUTED", "FullyConnected", "gemm_FP32", *times[1])
        text += line("Total", "", "", "", *times[2]) + "\n"
    return text


def onnxruntime(runs=((30, 10), (20, 10), (10, 10)), fences: bool = False) -> str:
    """Runs of a convolution and a ReLU, of so many microseconds each; ``fences`` as before 1.12."""
    events = [_event("Session", "model_loading_uri", 0, 50, {})]
    at = 100
    for conv, relu in runs:
        events.append(_event("Session", "model_run", at, conv + relu + 4, {}))
        for node, op, start, us in (
            ("c", "Conv", at + 1, conv),
            ("r", "Relu", at + conv + 2, relu),
        ):
            if fences:
                events.append(_event("Node", f"{node}_fence_before", start, 0, {"op_name": op}))
            args: dict[str, object] = {"op_name": op, "provider": "CPUExecutionProvider"}
            if not fences:
                args["input_type_shape"] = [{"float": [1, 3, 8, 8]}, {"float": [4, 3, 3, 3]}]
                args["output_type_shape"] = [{"float": [1, 4, 6, 6]}]
            events.append(_event("Node", f"{node}_kernel_time", start, us, args))
        at += 1000
    return json.dumps(events)


def _event(cat: str, name: str, ts: int, dur: int, args: dict[str, object]) -> dict[str, object]:
    return {
        "cat": cat,
        "pid": 1,
        "tid": 1,
        "dur": dur,
        "ts": ts,
        "ph": "X",
        "name": name,
        "args": args,
    }
