"""The tables and the JSON of the experiment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dfsrt.report import schema
from dfsrt.report.tables import Grid
from dfsrt.reproduce.etri.outcome import PAPER_ENERGY, PAPER_FPS, READINGS, Outcome


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The outcome on the device as it is, and with each thing that the paper leaves open varied."""

    main: Outcome
    groups: Mapping[str, Sequence[Outcome]]

    def grids(self) -> Iterator[Grid]:
        """Yield the table of networks and the one of settings."""
        yield _networks_grid(self.main)
        yield _settings_grid(self.groups)

    def to_json(self) -> bytes:
        """Return the outcome and the averages of every setting as JSON."""
        main = self.main
        document = {
            "schema_version": schema.SCHEMA_VERSION,
            "device": main.setting.npu.name,
            "cap_w": main.setting.cap_w,
            "paper": {"fps": PAPER_FPS, "energy": PAPER_ENERGY},
            "readings": READINGS,
            "networks": [_network_entry(main, name) for name in main.dfs],
            "average": _average_entry(main),
            "sensitivity": {
                name: [{"value": o.setting.name, **_average_entry(o)} for o in outcomes]
                for name, outcomes in self.groups.items()
            },
        }
        return schema.to_json(document)


def _networks_grid(main: Outcome) -> Grid:
    heads = ["<network", "dfs FPS", "dfs mJ"]
    for name in READINGS:
        heads += [f"FPS vs {name}", "energy"]
    heads += [f"{name} over cap" for name in ("dfs", *READINGS)]
    lines = (
        f"dfs against DVFS on {main.setting.npu.name}, cap {main.setting.cap_w:g} W on npu",
        "The paper's abstract does not define its DVFS; three readings of it:",
        *(f"  {name}: {text}" for name, text in READINGS.items()),
    )
    return Grid(heads, [*_rows(main), _average(main), _paper()], lines)


def _rows(main: Outcome) -> Iterator[tuple[str, ...]]:
    for name, point in main.dfs.items():
        row = [name, f"{point.fps:.1f}", f"{point.energy_j * 1e3:.2f}"]
        for reading in READINGS:
            row += _percent(main.fps_gain(reading, name), main.energy_change(reading, name))
        runs = [point, *(main.baselines[reading][name] for reading in READINGS)]
        yield (*row, *(f"{p.over_cap:.0%}" for p in runs))


def _average(outcome: Outcome) -> tuple[str, ...]:
    over = (f"{outcome.over_cap(name):.0%}" for name in ("dfs", *READINGS))
    return ("average", "", "", *_averages(outcome), *over)


def _paper() -> tuple[str, ...]:
    unknown = [""] * (1 + len(READINGS))
    return ("paper", "", "", *(_percent(PAPER_FPS, PAPER_ENERGY) * len(READINGS)), *unknown)


def _settings_grid(groups: Mapping[str, Sequence[Outcome]]) -> Grid:
    heads = ["<left open", "<value", "leakage in energy"]
    for name in READINGS:
        heads += [f"FPS vs {name}", "energy"]
    rows = [
        (
            group if i == 0 else "",
            o.setting.name,
            f"{o.static_share():.0%}",
            *_averages(o),
            f"{o.over_cap('dfs'):.0%}",
        )
        for group, outcomes in groups.items()
        for i, o in enumerate(outcomes)
    ]
    said = "What the paper leaves open, one at a time; averages over the eight networks:"
    return Grid([*heads, "dfs over cap"], rows, (said,))


def _averages(outcome: Outcome) -> list[str]:
    cells = []
    for reading in READINGS:
        cells += _percent(
            outcome.average(outcome.fps_gain, reading),
            outcome.average(outcome.energy_change, reading),
        )
    return cells


def _percent(*values: float) -> list[str]:
    return [f"{value:+.1%}" for value in values]


def _network_entry(main: Outcome, name: str) -> dict[str, object]:
    return {
        "network": name,
        "dfs": main.dfs[name],
        "baselines": {reading: points[name] for reading, points in main.baselines.items()},
    }


def _average_entry(outcome: Outcome) -> dict[str, object]:
    return {
        "static_share": outcome.static_share(),
        "fps": {r: outcome.average(outcome.fps_gain, r) for r in READINGS},
        "energy": {r: outcome.average(outcome.energy_change, r) for r in READINGS},
        "over_cap": {r: outcome.over_cap(r) for r in ("dfs", *READINGS)},
    }
