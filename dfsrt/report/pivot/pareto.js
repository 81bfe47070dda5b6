// The Pareto front: points that no other point beats in both metrics; equals are all of it.

const FRONT = "#D55E00";

// Ids of the front, from the best in x on; a point without one of the numbers is not compared.
const paretoFront = (ids, x, y, betterX, betterY) => {
  const [a, b] = [betterX === "high" ? -1 : 1, betterY === "high" ? -1 : 1];
  const sorted = ids.filter((id) => !Number.isNaN(x[id]) && !Number.isNaN(y[id]));
  sorted.sort((i, j) => a * (x[i] - x[j]) || b * (y[i] - y[j]) || i - j);
  const front = [];
  let [least, lastX] = [Infinity, NaN];
  for (const id of sorted) {
    const cost = b * y[id];
    if (cost < least) [least, lastX] = [cost, x[id]];
    else if (cost > least || x[id] !== lastX) continue;
    front.push(id);
  }
  return front;
};

const drawFront = (points, ids, view) => {
  const [x, y] = [chosen(points, "front-x"), chosen(points, "front-y")];
  const [betterX, betterY] = [byId("front-x-better").value, byId("front-y-better").value];
  const front = paretoFront(ids, x.values, y.values, betterX, betterY);
  const log = byId("pareto-log").checked;
  const [along, up] = [axisOf(x, ids, log), axisOf(y, ids, log)];
  const spots = placed(ids, along, up, () => 0.5);
  const canvas = byId("front-plot");
  const known = view.plots[0];
  const content = { x: along, y: up, ...spots, groups: frontGroups(spots, new Set(front)), line: stairs(front, along, up), lineColour: FRONT, stands: undefined };
  if (known) Object.assign(known, content);
  else bindCanvas(points, makePlot(canvas, view, content));
  view.whole = [...rangeOf(spots.xs), ...rangeOf(spots.ys)];
  const says = `${countText(front.length, "point")} of ${ids.length.toLocaleString("en")} on the front (orange diamonds): ${x.label} better ${betterX}, ${y.label} better ${betterY}; ${spots.ids.length.toLocaleString("en")} drawn`;
  byId("pareto-says").textContent = says;
  canvas.setAttribute("aria-label", says);
  listFront(points, front, x, y);
  resetView(view);
};

const frontGroups = (spots, front) => {
  const [beaten, best_] = [[], []];
  spots.ids.forEach((id, k) => (front.has(id) ? best_ : beaten).push(k));
  return [{ colour: "@muted", shape: 0, size: 2.4, members: beaten }, { colour: FRONT, shape: 3, size: 4.5, members: best_ }];
};

// Between two points of the front only the worse of both is sure: the line goes in steps.
const stairs = (front, along, up) => {
  const spots = front.map((id) => [along.at(id), up.at(id)]).filter((spot) => spot.every(Number.isFinite));
  return spots.flatMap(([x, y], k) => (k ? [[x, spots[k - 1][1]], [x, y]] : [[x, y]]));
};

const listFront = (points, front, x, y) => {
  const varied = variedOf(points);
  const heads = [...varied.map((d) => headCell(d.name, true)), headCell(x.label), headCell(y.label)];
  const rows = front.slice(0, MOST_ROWS).map((id) => [
    ...varied.map((d) => element("td", textAt(d, id), { class: "left" })),
    ...[x, y].map((metric) => element("td", amountText(metric.values[id], metric.unit, 5))),
  ]);
  byId("front").replaceChildren(tableOf("Points of the front", heads, rows), ...leftOut(front.length - MOST_ROWS, "point"));
};
