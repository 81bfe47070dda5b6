# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A day on a battery
#
# Does the phone last the day? A *scenario* has the NPU's requests, the governor, the cap, the
# air around, the components beside the NPU, the heat and the battery. `phone-day` is a mixed
# day: a voice assistant that listens, pictures that are sorted, an infinite zoom now and then.

# %% tags=["parameters"]
SCENARIO = "phone-day"
UNTIL = "24 h"
IDLES = ["none", "timeout=50ms", "break-even"]

# %%
import matplotlib.pyplot as plt
from IPython.display import Markdown

import dfsrt

# %% [markdown]
# ## The day, three times
#
# The NPU works for a small part of it and waits for the rest. What it does meanwhile is the
# idle governor's choice: nothing, sleep after a while as Linux drivers do, or sleep once it has
# been idle for as long as sleep takes to pay.

# %%
days = dfsrt.compare(SCENARIO, idles=IDLES, until=UNTIL)
days

# %% [markdown]
# ## Hour by hour
#
# `columns()` has the samples over time as arrays (`to_dataframe()` the same for pandas).

# %%
figure, (charge, heat) = plt.subplots(2, 1, sharex=True, figsize=(9, 5), layout="constrained")
styles = ("-", "--", ":")
for day, idle, style in zip(days.runs, IDLES, styles, strict=False):
    over = day.columns()
    charge.plot(over["time_s"] / 3600, 100 * over["charge"], style, label=idle)
    heat.plot(over["time_s"] / 3600, over["die_c"], style, label=idle)
charge.set(ylabel="charge (%)", ylim=(0, 100), title=f"{SCENARIO}, {UNTIL}, by idle governor")
heat.set(ylabel="die (C)", xlabel="time (h)")
charge.legend(frameon=False)
for axes in (charge, heat):
    axes.grid(alpha=0.3)

# %% [markdown]
# ## Who drank it?

# %%
by_idle = dict(zip(IDLES, (day.report.battery for day in days.runs), strict=True))
shares = [
    {name: joules / battery.life_s for name, joules in battery.energy_j.components.items()}
    for battery in by_idle.values()
]
names = sorted(shares[0], key=shares[0].get)
figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
for k, (idle, watts) in enumerate(zip(IDLES, shares, strict=True)):
    places = [n - 0.27 * (k - 1) for n in range(len(names))]
    bars = axes.barh(places, [1e3 * watts[name] for name in names], 0.25, label=idle)
    axes.bar_label(bars, fmt="%.0f", padding=2, fontsize=7)
axes.set_yticks(range(len(names)), names)
axes.set(xlabel="mean power (mW)", title="mean power by component and idle governor")
_ = axes.legend(frameon=False)

# %% [markdown]
# ## What sleep is worth

# %%
awake, asleep = by_idle["none"], by_idle["break-even"]
saved_w = awake.power_mean_w - asleep.power_mean_w
assert saved_w > 0, "sleep saves nothing"
assert asleep.charge_end > awake.charge_end or asleep.life_s > awake.life_s
Markdown(
    f"Awake all the time the battery gives {awake.power_mean_w:.3f} W for "
    f"{awake.life_s / 3600:.1f} h and has {awake.charge_end:.0%} left; with `break-even` it gives "
    f"{asleep.power_mean_w:.3f} W for {asleep.life_s / 3600:.1f} h and has "
    f"{asleep.charge_end:.0%} left."
)

# %% [markdown]
# ## How sure is that?
#
# Numbers that nobody has measured are assumed, each with a range and a reason: `dfsrt battery
# ranges phone-day` moves each one to both of its ends.


# %%
def amount(number, unit):
    """A number with its unit; what is in per cent is held as a share."""
    return f"{100 * number:g} %" if unit == "%" else f"{number:g} {unit}"


assumed = awake.assumed
lines = [
    f"- `{a.name}`: {amount(a.value, a.unit)}, {amount(a.low, a.unit)} to {amount(a.high, a.unit)}"
    for a in assumed[:5]
]
Markdown("\n".join([*lines, f"- and {len(assumed) - 5} more"]))
