// Choices of the page: its selects, and what they say now.

const element = (name, text = "", attributes = {}) => {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

const byId = (id) => document.getElementById(id);

const chosen = (points, id) => sideOf(points, byId(id).value);

const fill = (id, options, first) => {
  byId(id).replaceChildren(...options.map(([value, text]) => element("option", text, { value })));
  byId(id).value = first;
};

const dimensionOptions = (points) => points.dimensions.map((d, k) => [`d${k}`, d.name]);

const metricOptions = (points) => points.metrics.map((m, k) => [`m${k}`, labelled(m.label, m.unit)]);

const fillChoices = (points) => {
  const dimensions = dimensionOptions(points);
  const metrics = metricOptions(points);
  const split = [["none", "(none)"], ...dimensions];
  const offers = {
    rows: split, columns: split, panels: split, colour: split, metric: metrics, y: metrics,
    x: [...metrics, ...dimensions], "front-x": metrics, "front-y": metrics,
  };
  for (const [id, options] of Object.entries(offers)) fill(id, options, points.opening[id]);
  for (const id of ["multiples-log", "pareto-log"]) byId(id).checked = points.opening.log !== "";
  for (const id of ["front-x", "front-y"]) offerDirection(points, id);
};

// A metric's own direction comes first; a reader may ask for the other.
const offerDirection = (points, id) => {
  const { better } = chosen(points, id);
  fill(`${id}-better`, [["high", "high"], ["low", "low"]], better || "low");
};
