"""Battery scenarios and pages: what they cost, each in one call."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import dfsrt
from dfsrt.run.job import Job, make_job
from dfsrt.run.run import execute
from dfsrt.run.scenario import Scenario
from dfsrt.run.scenario_load import load_scenario
from dfsrt.run.stop import parse_stop
from dfsrt.study.sampling import sample

FEW, SAMPLES = 24, 84


def eight_hours() -> Scenario:
    """Infinite zoom on a phone with a cell large enough for eight hours of it."""
    phone = load_scenario("infinite-zoom-phone")
    large = phone.at(**{"battery.capacity_ah": 12.0})
    return replace(large, spec=replace(large.spec, until=parse_stop("8 h")))


def one_run() -> dict[str, Any]:
    """From the scenario to its report, machine code on disk already."""
    scenario = eight_hours()
    execute(make_job(scenario, until="10 s"))  # compiled or loaded
    begin = time.process_time()
    job = make_job(scenario)
    job.table  # noqa: B018 - worked out here, and not in what follows
    ready = time.process_time()
    run = execute(job)
    done = time.process_time()
    assert run.surroundings is not None
    state = run.surroundings.world.state
    return {
        "target": "cpu_s < 5",
        "cpu_s": round(done - begin, 2),
        "of_it_living_s": round(done - ready, 2),
        "frames": run.book.frames,
        "limit_changes": int(state.limit_changes),
    }


def sleeping() -> dict[str, Any]:
    """Eight hours of a camera's and of a phone's day, asleep between requests and not."""
    found: dict[str, Any] = {"target": "times < 1.2"}
    for name in ("edge-camera", "phone-day"):
        job = make_job(name, until="8 h", step="kernel")
        least_s = {
            idle: min(_living_s(job.changed(idle=idle)) for _ in range(3))
            for idle in ("none", "timeout=rocket", "teo")
        }
        awake_s = least_s.pop("none")
        found[name] = {"awake_cpu_s": round(awake_s, 2)} | {
            f"{idle} times": round(spent / awake_s, 2) for idle, spent in least_s.items()
        }
    return found


def _living_s(job: Job) -> float:
    begin = time.process_time()
    execute(job)
    return time.process_time() - begin


def samples() -> dict[str, Any]:
    """Few and more samples of it on two processes: what each costs, and what starting does."""
    wall_s = {}
    for count in (FEW, SAMPLES):
        begin = time.perf_counter()
        sample(eight_hours(), count, workers=2)
        wall_s[count] = time.perf_counter() - begin
    each_s = (wall_s[SAMPLES] - wall_s[FEW]) / (SAMPLES - FEW)
    return {
        "target": "1000 samples in wall_s < 600 on two cores",
        "wall_s_of": {str(count): round(spent, 1) for count, spent in wall_s.items()},
        "wall_s_each": round(each_s, 3),
        "wall_s_of_1000_from_these": round(wall_s[FEW] + (1000 - FEW) * each_s),
    }


def page() -> dict[str, Any]:
    """A battery's page: size, time to write it, and to have it drawn in headless Chromium."""
    result = dfsrt.run("infinite-zoom-phone")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        begin = time.process_time()
        result.save_page(path)
        spent = time.process_time() - begin
        found = {"target": "mb < 6, drawn_s < 2", "mb": round(path.stat().st_size / 1e6, 2)}
        found |= {"written_cpu_s": round(spent, 3), "drawn_s": _drawn_s(path)}
    return found


def _drawn_s(path: Path) -> float | None:
    """Median of five, in s since navigation; None without a browser."""
    if shutil.which("chromium") is None:
        return None
    from tests.helpers.browser import launched, opened

    times = []
    for _ in range(5):
        size = {"width": 1200, "height": 900}
        with launched() as browser, opened(browser, path, viewport=size) as seen:
            times.append(seen.page.evaluate("window.dfsrtDrawn") / 1000)
    return round(float(sorted(times)[2]), 2)


def main() -> None:
    found = {
        "battery_8h": one_run(),
        "sleeping_8h": sleeping(),
        "html_page": page(),
        "battery_samples": samples(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    sys.exit(main())
