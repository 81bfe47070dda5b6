# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Calibrate a board from a CSV
#
# You have a board, and times of networks on it. What you want is a device file that predicts
# *other* networks, and an honest word on how well. Here the board is one DLA of a Jetson AGX
# Orin, and the times are those that NVIDIA publishes; put your own rows into `board.csv` and
# run all cells again.

# %% tags=["parameters"]
BOARD = "board.csv"

# %%
import csv
from pathlib import Path

from IPython.display import Markdown

import dfsrt

Markdown(f"```\n{Path(BOARD).read_text()}```")

# %% [markdown]
# A row is one network at one clock: `network` and `latency_s` are enough; `precision`, `batch`,
# `cores`, `freq_hz`, `power_w` and `energy_j` are read where they stand, other columns are left
# out.
#
# ## Fit
#
# The base says what is known of the chip and gives every other number a range: `orin-dla-spec`
# holds what NVIDIA publishes. Each network is left out once and predicted by a fit on the
# others: *left out* is what to expect of a network of yours, *fitted* is not.

# %%
done = dfsrt.calibrate("orin-dla-spec", BOARD, name="my-dla")
done

# %%
done.figure()

# %%
(errors,) = done.report.errors
fitted = [number for number in done.report.numbers if number.status in ("fitted", "one side")]
assert errors.fitted_mean < errors.base_mean, "the fit is no better than the base"
assert all(n.low is None or n.high is None or n.low <= n.value <= n.high for n in fitted)
Markdown(
    f"{len(fitted)} of {len(done.report.numbers)} numbers are decided by these "
    f"{len(done.report.rows)} rows. The base is {errors.base_mean:.1%} off on average, the fit "
    f"{errors.fitted_mean:.1%} on what it has seen and **{errors.left_out_mean:.1%} on networks "
    f"that it has not**; one factor on all of the base's times gives {errors.scaled_mean:.1%}. "
    "Where the last two are as good, the fit has added nothing: measure other kinds of networks."
)

# %% [markdown]
# ## A device file
#
# It takes all else from its base, and every number in it says what it was calibrated on.

# %%
device = done.save("my-dla.toml")
Markdown(f"```toml\n{device.read_text()}```")

# %% [markdown]
# ## What it has not seen
#
# One more network was measured, and is not in `board.csv`: a ResNet-34 on large pictures. What
# does the device say, what the base?

# %%
UNSEEN, MEASURED_S = "resnet34:image=1280:height=768", 0.00701754  # the same page of NVIDIA's
HOW = {"precision": "int8", "governor": "userspace:freq=1.6GHz", "cap": "none"}


def predicted_s(device):
    """The seconds of one inference; watts are not asked for, so no power model is fitted."""
    done = dfsrt.run(UNSEEN, device=device, frames=1, power_model="datasheet", **HOW)
    return done.report.latency_s.mean


errs = {name: predicted_s(name) / MEASURED_S - 1 for name in ("orin-dla-spec", device)}
assert abs(errs[device]) < abs(errs["orin-dla-spec"])
Markdown(
    "\n".join(f"- `{name}`: {error:+.1%}" for name, error in errs.items())
    + f"\n\nThe worst of the networks that were left out was {errors.left_out_worst:+.1%} off: "
    "what a fit has left out is a sample of its own kind, no promise for any network."
)

# %% [markdown]
# ## More rows, more decided
#
# Networks of one kind, however many, decide little: a clock tells what is arithmetic from what
# is bytes, many small layers tell what a launch takes.

# %%
with Path(BOARD).open() as file:
    rows = list(csv.DictReader(file))
kinds = {row["network"] for row in rows}
clocks = {row["freq_hz"] for row in rows}
Markdown(f"Here: {len(rows)} rows, {len(kinds)} networks, {len(clocks)} clocks.")
