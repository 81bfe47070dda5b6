# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A governor of your own
#
# Write it, check it, compare it with those that are shipped, tune it: four calls. It needs `pip
# install 'dfsrt[notebook,tune]'`.
#
# A governor is a class with `plan`: what a real one could know goes in (a `View`: predicted
# watts and times of each layer at each clock, the cap, the rail), a clock and a voltage for
# each layer come out (a `Plan`). Its parameters are plain fields. It lies in a file of its own,
# so that the command line (`-g ceiling.py:Ceiling`) and worker processes find it, too.

# %%
from pathlib import Path

from ceiling import Ceiling
from IPython.display import Markdown

import dfsrt
from dfsrt.testing import GovernorConformance, tried

Markdown(f"```python\n{Path('ceiling.py').read_text()}```")

# %% [markdown]
# ## Does it keep the rules?
#
# The same suite that the shipped governors pass tries it on odd views: one layer, one clock, a
# cap that nothing fits under, two limits at once. In a test of your own, subclass it and let
# pytest collect it; here `tried` runs all of it.


# %%
class TestCeiling(GovernorConformance):
    governor = "ceiling.py:Ceiling"


tried(TestCeiling)

# %% [markdown]
# ## How does it do?
#
# Beside the governors that everybody has, on one network under one cap. An instance is as good
# as a name.

# %%
NETWORK, CAP = "squeezenet", "0.15 W"
first = dfsrt.compare(NETWORK, ["app-dvfs", "dfs", Ceiling()], cap=CAP)
first

# %%
first.figure()

# %% [markdown]
# *Regret* is how far each is, by prediction, from the least time under the cap, and from the
# least energy in the time that it takes.

# %%
app, dfs, own = first.report.runs
Markdown(
    f"With the share that it has by default, `Ceiling` gives {own.fps:.0f} frames a second, where "
    f"`app-dvfs` has {app.fps:.0f} and `dfs` {dfs.fps:.0f}; a frame takes "
    f"{own.energy_per_inference_j * 1e6:.0f} µJ, not {app.energy_per_inference_j * 1e6:.0f} or "
    f"{dfs.energy_per_inference_j * 1e6:.0f}."
)

# %% [markdown]
# ## Which share is best?
#
# A study says what is varied, over what, and for what: the least energy that is no slower than
# `app-dvfs`. What stands in its file for `dfsrt tune` may stand here as a dictionary. The same
# seed gives the same result.

# %%
tuned = dfsrt.tune(
    {
        "name": "ceiling",
        "governor": "ceiling.py:Ceiling",
        "baseline": "app-dvfs",
        "objectives": ["energy_j"],
        "limits": {"latency_s": 1.0},
        "trials": 12,
        "batch": 4,
        "over": {"networks": [NETWORK], "caps": [CAP], "frames": 2},
        "search": {"parameters": {"share": {"low": 0.0, "high": 1.0}}},
    },
    workers=1,
)
tuned

# %%
tuned.figure()

# %% [markdown]
# ## And now?
#
# What came out is text that everything takes which takes a governor: `dfsrt.run`, `compare`,
# `-g`.

# %%
last = dfsrt.compare(NETWORK, ["app-dvfs", "dfs", Ceiling(), tuned.governor], cap=CAP)
last

# %%
base, dfs, untuned, best = last.report.runs
assert tuned.report.best.feasible, "no trial was as fast as app-dvfs"
assert best.latency_s.mean <= base.latency_s.mean
assert best.energy_per_inference_j < untuned.energy_per_inference_j
assert dfs.regret.energy < best.regret.energy


def against(run):
    """Energy and time of a frame, against those of ``app-dvfs``."""
    energy = run.energy_per_inference_j / base.energy_per_inference_j - 1
    return f"{energy:+.1%} energy and {run.latency_s.mean / base.latency_s.mean - 1:+.1%} time"


Markdown(
    f"Against `app-dvfs`, `{tuned.governor}` takes {against(best)}; untuned it took "
    f"{against(untuned)}. `dfs`, which holds one voltage and moves the clock alone, takes "
    f"{against(dfs)}: a ceiling is no match for it here, as its regret says."
)
