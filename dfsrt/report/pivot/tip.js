// The tip: a point's full specification and all its numbers.

const tipRows = (points, id) => [
  ...points.dimensions.map((dimension) => [dimension.name, textAt(dimension, id)]),
  ...points.metrics.map((metric) => [metric.label, amountText(metric.values[id], metric.unit, 6)]),
];

const showTip = (points, plot, k) => {
  const tip = byId("tip");
  const list = element("dl");
  for (const [name, text] of tipRows(points, plot.ids[k])) list.append(element("dt", name), element("dd", text));
  tip.replaceChildren(list);
  tip.hidden = false;
  const { px, py } = plot.spots ?? spotsOf(plot);
  const box = plot.canvas.getBoundingClientRect();
  const [x, y] = [box.left + px[k], box.top + py[k]];
  const left = x + 14 + tip.offsetWidth > window.innerWidth ? x - 14 - tip.offsetWidth : x + 14;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.max(8, Math.min(y + 14, window.innerHeight - tip.offsetHeight - 8))}px`;
};

const hideTip = () => { byId("tip").hidden = true; };

const hoverTip = (points, plot, event) => {
  const k = nearest(plot, event.offsetX, event.offsetY);
  return k < 0 ? hideTip() : showTip(points, plot, k);
};

const stepTip = (points, plot, step) => {
  if (!plot.ids.length) return;
  plot.stands = ((plot.stands ?? (step > 0 ? -1 : 0)) + step + plot.ids.length) % plot.ids.length;
  showTip(points, plot, plot.stands);
};
