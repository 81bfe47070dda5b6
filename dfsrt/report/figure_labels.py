"""Labels of points in a figure, so placed that none lies on another or on a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT = 8.5
STEP = 4.0
"""Pixels between places that are tried."""
GAP = 4.0
"""Pixels that a label keeps from other labels, and from the ends of the axes."""
MARK = 7.0
"""Pixels from the middle of a point to its edge, and some to a label."""
ACROSS = 40.0
"""Pixels that a label goes out of its way to stay on its point's side of the diagonal."""
ASTRAY = 30.0
"""Pixels that a label goes out of its way so as not to lie at another's point."""
CORNERS = ((0.0, 0.0), (1.0, 1.0))
"""The ends of the axes' diagonal."""
NEAR = 14.0
"""Pixels to a label from which on a line leads there."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text that belongs to a point of the axes."""

    x: float
    y: float
    text: str


def place_labels(
    axes: Axes, labels: Sequence[Label], line: Sequence[tuple[float, float]] = ()
) -> None:
    """Write ``labels`` into ``axes``, whose limits are set, each as near to its point as it fits.

    A label further off is led to by a line. No label lies on the legend nor on ``line``, joined
    points of the axes, else their diagonal; each keeps to the side of the diagonal that its point
    is on, where there is room.

    Limits: one that fits nowhere stands at its point, whatever lies there.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = axes.get_figure(root=True)
    if figure is None or not labels:
        return
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
    points = axes.transData.transform([(label.x, label.y) for label in labels])
    dots = _dots(axes.transData.transform(line) if line else axes.transAxes.transform(CORNERS))
    taken = np.vstack(
        [np.hstack([points - MARK, points + MARK]), np.hstack([dots - GAP / 2, dots + GAP / 2])]
    )
    legend = axes.get_legend()
    if legend is not None:
        taken = np.vstack([taken, legend.get_window_extent().extents])
    for k in np.argsort(points[:, 1], kind="stable"):
        label, point, others = labels[k], points[k], np.delete(points, k, axis=0)
        box = _place(point, others, _size(axes, label.text), taken, np.array(axes.bbox.extents))
        taken = np.vstack([taken, box])
        _write(axes, label, point, box)


def _dots(corners: Floats) -> Floats:
    """Return dots along a line through ``corners``, in pixels, as dense as labels are apart."""
    parts = [np.linspace(a, b, 2 + int(np.hypot(*(b - a)) / GAP)) for a, b in pairwise(corners)]
    return np.vstack(parts or [corners])


def _size(axes: Axes, text: str) -> Floats:
    """Width and height of a text in pixels, ``(2,)``."""
    drawn = axes.text(0, 0, text, fontsize=FONT, transform=None)
    extent = drawn.get_window_extent()
    drawn.remove()
    return np.array([extent.width, extent.height])


def _place(point: Floats, others: Floats, size: Floats, taken: Floats, inside: Floats) -> Floats:
    """Return the box of a text, left, bottom, right, top: the free one nearest to its point.

    One that lies nearer to another point is taken for that one's, so it goes out of its way.
    """
    corners = _lattice(size, inside)
    boxes = np.hstack([corners, corners + size])
    far = _far(point, boxes)
    theirs = [_far(other, boxes) for other in others]
    far[np.min(theirs, axis=0, initial=np.inf) < np.minimum(far, NEAR)] += ASTRAY
    far[_is_above(boxes, inside) != _is_above(np.hstack([point, point])[None], inside)] += ACROSS
    order = np.argsort(far, kind="stable")
    for k in order:
        if _is_free(boxes[k], taken):
            return np.asarray(boxes[k])
    return np.concatenate([point + GAP, point + GAP + size])


def _far(point: Floats, boxes: Floats) -> Floats:
    """Pixels from a point to each box, ``(n_boxes,)``."""
    away = np.clip(point, boxes[:, :2], boxes[:, 2:]) - point
    return np.asarray(np.hypot(*away.T))


def _is_above(boxes: Floats, inside: Floats) -> NDArray[np.bool_]:
    """Whether the middle of each box lies above the diagonal, ``(n_boxes,)``."""
    across, up = ((boxes[:, :2] + boxes[:, 2:]) / 2 - inside[:2]).T / (inside[2:] - inside[:2])[
        :, None
    ]
    return np.asarray(up > across)


def _lattice(size: Floats, inside: Floats) -> Floats:
    """Lower left corners of all boxes of a size that lie inside, ``(n, 2)``."""
    left, bottom, right, top = inside
    across = np.arange(left + GAP, max(right - size[0] - GAP, left + 2 * GAP), STEP)
    up = np.arange(bottom + GAP, max(top - size[1] - GAP, bottom + 2 * GAP), STEP)
    return np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)


def _is_free(box: Floats, taken: Floats) -> bool:
    low, high = box[:2] - GAP / 2, box[2:] + GAP / 2
    return not bool(((taken[:, :2] < high) & (taken[:, 2:] > low)).all(axis=1).any())


def _write(axes: Axes, label: Label, point: Floats, box: Floats) -> None:
    """Write a label at its box, as an offset in points, so that it holds at any resolution."""
    figure = axes.get_figure(root=True)
    per_pixel = 72 / (figure.dpi if figure is not None else 72)
    nearest = np.clip(point, box[:2], box[2:])
    at = (nearest - box[:2]) / (box[2:] - box[:2])
    line = {"arrowstyle": "-", "color": "0.55", "lw": 0.6, "shrinkA": 0, "shrinkB": 3}
    line["relpos"] = (float(at[0]), float(at[1]))
    offset = (box[:2] - point) * per_pixel
    note = axes.annotate(
        label.text,
        (label.x, label.y),
        xytext=(float(offset[0]), float(offset[1])),
        textcoords="offset points",
        fontsize=FONT,
        va="bottom",
        arrowprops=line if np.hypot(*(nearest - point)) > NEAR else None,
    )
    note.set_in_layout(False)
