// Tiles: the best point by each metric of those that are shown, and which values it has.

const MOST_TILES = 5;

const drawTiles = (points, ids) => {
  const aims = points.metrics.filter((metric) => metric.better).slice(0, MOST_TILES);
  const varied = variedOf(points);
  const tiles = aims.map((metric) => bestTile(metric, ids, varied)).filter((tile) => tile);
  document.querySelector(".tiles").replaceChildren(...tiles);
};

const bestTile = (metric, ids, varied) => {
  const some = ids.filter((id) => !Number.isNaN(metric.values[id]));
  if (!some.length) return null;
  const value = best(some.map((id) => metric.values[id]), metric.better);
  const id = some.find((each) => metric.values[each] === value);
  const tile = element("div");
  const shown = element("dd");
  shown.append(element("b", amountText(value, metric.unit)), element("span", varied.map((d) => textAt(d, id)).join(", ")));
  tile.append(element("dt", `${metric.better === "high" ? "highest" : "lowest"} ${metric.label}`), shown);
  return tile;
};
