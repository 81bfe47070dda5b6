// Small multiples: a panel for each value of a dimension, all on the same axes.

const MOST_PANELS = 24;
const MOST_LEGEND = 24;

// Few values have a colour and a shape each; many are told by lightness, in their order.
const looksOf = (points, dimension) => {
  const count = dimension.values.length;
  if (count <= points.palette.length) return dimension.values.map((_, k) => ({ colour: points.palette[k], shape: k % SHAPES.length }));
  const last = points.ramp.length - 1;
  return dimension.values.map((_, k) => ({ colour: points.ramp[Math.round((k / (count - 1)) * last)], shape: 0 }));
};

const placed = (ids, x, y, share) => {
  const spots = { ids: [], xs: [], ys: [] };
  for (const id of ids) {
    const [at, up] = [x.at(id, share(id)), y.at(id)];
    if (Number.isNaN(at) || Number.isNaN(up)) continue;
    spots.ids.push(id);
    spots.xs.push(at);
    spots.ys.push(up);
  }
  return spots;
};

const groupsOf = (spots, dimension, looks, size) => {
  const members = new Map();
  spots.ids.forEach((id, k) => {
    const code = dimension.codes[id];
    if (!members.has(code)) members.set(code, []);
    members.get(code).push(k);
  });
  return [...members].sort(([a], [b]) => a - b).map(([code, some]) => ({ ...looks[code], size, members: some }));
};

const drawMultiples = (points, ids, view) => {
  const [y, x, panels, colour] = ["y", "x", "panels", "colour"].map((id) => chosen(points, id));
  const log = byId("multiples-log").checked;
  const [along, up] = [axisOf(x, ids, log), axisOf(y, ids, log)];
  const looks = looksOf(points, colour);
  const share = (id) => (colour.values.length > 1 ? colour.codes[id] / (colour.values.length - 1) : 0.5);
  const codes = codesOf(panels, ids);
  const shown = codes.slice(0, MOST_PANELS);
  const size = ids.length > 2000 ? 2.4 : 3.6;
  view.plots = [];
  const figures = shown.map((code) => {
    const own = ids.filter((id) => panels.codes[id] === code);
    const spots = placed(own, along, up, share);
    return panelOf(points, view, { x: along, y: up, ...spots, groups: groupsOf(spots, colour, looks, size) }, panels.values[code]);
  });
  byId("panes").className = shown.length === 1 ? "single" : "";
  byId("panes").replaceChildren(...figures, ...leftOut(codes.length - MOST_PANELS, "panel"));
  drawLegend(points, colour, looks, codesOf(colour, ids));
  view.whole = [...rangeOf(placesOf(view, "xs"), along.discrete), ...rangeOf(placesOf(view, "ys"))];
  const drawn = view.plots.reduce((count, plot) => count + plot.ids.length, 0);
  byId("multiples-says").textContent = `${along.label} across, ${up.label} up, the same in all panels; ${drawn.toLocaleString("en")} of ${countText(ids.length, "point")} drawn; points at one place stand around it`;
  resetView(view);
};

const placesOf = (view, name) => view.plots.flatMap((plot) => plot[name]);

const panelOf = (points, view, content, title) => {
  const figure = element("figure");
  const label = `${content.y.label} over ${content.x.label}, ${title}, ${countText(content.ids.length, "point")}`;
  const canvas = element("canvas", "", { tabindex: 0, role: "img", "aria-label": label });
  figure.append(element("figcaption", title), canvas);
  bindCanvas(points, makePlot(canvas, view, content));
  return figure;
};

const drawLegend = (points, dimension, looks, codes) => {
  const entries = codes.slice(0, MOST_LEGEND).map((code) => legendEntry(dimension.values[code], looks[code]));
  byId("legend").replaceChildren(element("li", dimension.name, { class: "name" }), ...entries.map(([item]) => item));
  if (codes.length > MOST_LEGEND) byId("legend").append(element("li", `… ${codes.length - MOST_LEGEND} more, to ${dimension.values[codes.at(-1)]}`));
  entries.forEach(([, mark]) => mark());
};

const legendEntry = (text, { colour, shape }) => {
  const item = element("li");
  const canvas = element("canvas", "", { "aria-hidden": "true" });
  const mark = () => {
    const pen = prepared(canvas);
    pen.fillStyle = colourOf(colour);
    pen.beginPath();
    SHAPES[shape](pen, 8, 8, 5);
    pen.fill();
  };
  item.append(canvas, element("span", text));
  return [item, mark];
};
