"""The unit that a name carries: ``start_ns`` is nanoseconds, ``energy_j`` joules."""

from __future__ import annotations

UNITS = {
    "ns": "ns", "us": "µs", "ms": "ms", "s": "s", "hz": "Hz", "uv": "µV", "v": "V", "a": "A",
    "ma": "mA", "ah": "Ah", "w": "W", "j": "J", "pj": "pJ", "c": "°C", "nf": "nF", "db": "dB",
    "bytes": "bytes", "bits": "bits", "cycles": "cycles", "hours": "h", "fps": "1/s",
    "tops": "10¹² operations/s", "share": "share, 0 to 1", "macs": "multiply-accumulates",
    "mape": "share", "joules": "J", "seconds": "s",
}  # fmt: skip
"""By the last word of a name."""
PER = {
    "s": "s", "w": "W", "c": "°C", "us": "µs", "cycle": "cycle", "bit": "bit", "byte": "byte",
    "mac": "multiply-accumulate", "op": "operation", "pixel": "pixel", "day": "day",
    "step": "step", "burst": "burst", "run": "run",
}  # fmt: skip
"""By the word after ``per``."""
COUNTED = ("completed", "goodput", "inferences")
"""What is counted where a name says ``per`` of it."""


def unit_of(name: str) -> str:
    """Return the unit of a key or figure by its name; empty where the name carries none."""
    words = name.split("_")
    if name == "inferences_per_watt_s":
        return "1/(W·s)"
    if name == "leakage_per_c":
        return ""  # a polynomial's numbers: each has a power of its own
    if "per" in words:
        at = words.index("per")
        below = PER.get(words[at + 1], "") if at + 1 < len(words) else ""
        above = UNITS.get(words[at - 1], "") if at else ""
        if above and below and at + 2 == len(words):
            return f"{above}/{below}"
        if below and at + 2 == len(words) and (not at or words[0] in COUNTED):
            return f"1/{below}"
        if name == "per_s_per_w":
            return "1/(s·W)"
    return UNITS.get(words[-1], "") if len(words) > 1 or name in ("hours", "fps", "bytes") else ""
