# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Infinite zoom, from the baseline to the last lever
#
# A phone paints picture after picture with Stable Diffusion 2 and draws the frames between
# them, until its battery is empty. What makes a frame cheaper, by how much, and what is left to
# do? *Levers* are named changes of a run: smaller numbers, pruning, schedules, clocks, sleep,
# fewer steps, a smaller picture, fewer painted frames, a dimmed display.
#
# All of them on the whole pipeline take minutes. For a quick look, name a few, and a small
# picture: `LOAD = "infinite-zoom:image=64"`.

# %% tags=["parameters"]
LOAD = "infinite-zoom"
SURROUNDINGS = None  # None: the phone of the shelf that runs it; "none": the network alone
LEVERS = None  # None: all of them; or like ["int8", "steps-4"], in that order
MORE = {}  # whatever else dfsrt.levers takes, like {"cap": "250 mW"}

# %%
from IPython.display import Markdown

import dfsrt

# %% [markdown]
# ## All levers
#
# First in order, each on top of those before it; then each alone on the baseline, and all of
# them but one. What cannot be pulled here is said at the end, with the reason.

# %%
pulled = dfsrt.levers(LOAD, LEVERS, others=LEVERS is None, surroundings=SURROUNDINGS, **MORE)
pulled

# %%
pulled.figure()

# %% [markdown]
# ## What did it?


# %%
def joules(rung):
    """Joules of a shown frame: out of the battery where there is one, else of all domains."""
    energy = rung.energy_per_frame_j
    return energy.total if energy.battery is None else energy.battery


report = pulled.report
first, last = report.rungs[0], report.rungs[-1]
alone = sorted(report.alone, key=lambda rung: rung.energy_change)
missed = max(report.without, key=lambda rung: rung.energy_change)
assert joules(last) < joules(first)
assert last.fps > first.fps
assert alone[0].energy_change < 0, "no lever saves anything alone"
Markdown(
    f"- From {joules(first):,.4g} J a frame to {joules(last):,.4g} J: "
    f"{joules(first) / joules(last):,.0f} times less.\n"
    f"- Most alone: **{alone[0].lever}** ({alone[0].what}), {alone[0].energy_change:+.1%}.\n"
    f"- Missed most: **{missed.lever}**; without it a frame takes {missed.energy_change:+.1%}.\n"
    + "".join(f"- {line[0].upper()}{line[1:]}.\n" for line in report.limits)
)

# %% [markdown]
# Joules tell half of it: what a lever does to the *answers* is measured for some networks and
# said for all.

# %%
asks = [rung.lever for rung in report.rungs if rung.fidelity not in ("same", "")]
Markdown(
    f"Of these, {', '.join(f'`{name}`' for name in asks)} change the pictures: look at them "
    "before you ship."
)

# %% [markdown]
# ## How long does it run?
#
# A cheaper frame alone gives no longer life where frames come back to back: the phone draws
# what heat lets it draw, and paints more.

# %%
if first.life_s is None:
    shown = "Without surroundings there is no battery; set `SURROUNDINGS = None`."
else:
    shown = (
        f"{first.life_s / 3600:.1f} h with {first.frames:,} frames at the baseline, "
        f"{last.life_s / 3600:.1f} h with {last.frames:,} frames in the end; skin "
        f"{first.skin_max_c:.1f} C and {last.skin_max_c:.1f} C."
    )
Markdown(shown)
