"""Every command: where it stands, and what the help of all says of it."""

from __future__ import annotations

COMMANDS = {
    "run": (
        "verbs:run",
        "Run a network, pipeline, trace or scenario: speed, energy, and how the cap was kept.",
    ),
    "compare": (
        "verbs:compare",
        "Run a load under several governors or on several devices, side by side.",
    ),
    "replay": (
        "verbs:replay",
        "Replay a trace: queueing, deadlines, drops and energy of all its requests.",
    ),
    "budget": (
        "budget:budget",
        "Find what the NPU may draw for a target, and which component of a scenario to cut first.",
    ),
    "frontier": (
        "frontier:frontier",
        "Draw the least energy of a frame for every time it may take, under a cap.",
    ),
    "layers": (
        "layers:layers",
        "Show the layers of a network: MACs, bytes and, on a device, cycles and DRAM traffic.",
    ),
    "levers": (
        "levers:levers",
        "Pull levers one after the other: what each does to speed, joules a frame, hours and heat.",
    ),
    "measure": (
        "measure:measure",
        "Measure layers on a simulated device's virtual meter or on a real NVIDIA GPU.",
    ),
    "train": (
        "train:train",
        "Train a power model on samples, validate it on held-out networks and bound it.",
    ),
    "tune": (
        "tune:tune",
        "Tune a governor: best point, Pareto set, figure, and a file that --governor takes.",
    ),
    "sweep": (
        "sweep:sweep",
        "Run every combination of networks, devices, caps, governors and more; compare all of "
        "them.",
    ),
    "predict": (
        "predict:predict",
        "Predict watts, seconds and clock of every layer, with a bound, before anything runs.",
    ),
    "capture": (
        "capture:capture",
        "Run a model in onnxruntime and record each node's time as a workload trace.",
    ),
    "activity": (
        "activity:activity",
        "Run a model in onnxruntime and write each layer's share of zero inputs and weights.",
    ),
    "import": (
        "importing:import_recording",
        "Show what another tool recorded; convert it, or make a workload trace of it.",
    ),
    "list": (
        "listing:list_names",
        "List what there is by name: networks, devices, governors, mappers, scenarios and more.",
    ),
    "doctor": (
        "doctor:doctor",
        "Look this installation over: versions, cache, optional parts, compiled code.",
    ),
    "completion": (
        "completion:completion",
        "Print what lets a shell complete commands, options and names.",
    ),
}
"""Module and function of each command, and the first sentence of what that promises."""
GROUPS = {
    "battery": (
        "Run a battery-life scenario: dfsrt battery SCENARIO. Or compare governors, draw samples, "
        "try both ends of what is assumed."
    ),
    "device": (
        "Show a device's numbers, check or calibrate it by measurements, begin or import one."
    ),
    "live": (
        "Real boards under Linux: show them, hold a clock, let a governor choose, watch; all is "
        "restored at the end. dfsrt live NETWORK says what would be written."
    ),
    "memory": (
        "What crosses to DRAM and back, and why: dfsrt memory NETWORK. Or sizes of the buffer "
        "compared, or what a DRAM gives and takes by how bytes are asked for."
    ),
    "models": "List, show or check trained power models.",
    "trace": "Look at workload traces, and make new ones.",
    "network": "Networks as files: look one through, or write one.",
    "optimize": (
        "Make a network smaller and see what each step does to bytes, time, energy, watts and "
        "answers: dfsrt optimize MODEL --steps int8. All its options: dfsrt optimize model --help."
    ),
    "reproduce": "Run a published experiment again.",
}
"""Modules of commands that have commands of their own, and what is said of them."""
