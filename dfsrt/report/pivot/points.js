// Points: what was varied, as codes of texts, and what came out, as numbers; NaN is none.

const readPoints = (text) => {
  const read = JSON.parse(text);
  const dimensions = read.dimensions.map((d) => ({ ...d, codes: Uint32Array.from(d.codes) }));
  const metrics = read.metrics.map((m) => ({ ...m, values: Float64Array.from(m.values, (v) => v ?? NaN) }));
  const none = { name: "(none)", values: ["all points"], codes: new Uint32Array(read.count) };
  return { ...read, dimensions, metrics, none };
};

// A choice is said as d0 (a dimension), m0 (a metric) or none.
const sideOf = (points, key) => {
  if (key === "none") return points.none;
  const all = key.startsWith("m") ? points.metrics : points.dimensions;
  return all[Number(key.slice(1))];
};

const isMetric = (side) => side.label !== undefined;

const nameOf = (side) => (isMetric(side) ? side.label : side.name);

const textAt = (dimension, id) => dimension.values[dimension.codes[id]];

const variedOf = (points) => points.dimensions.filter((d) => d.codes.some((code) => code !== d.codes[0]));

// Ids of points that no dimension hides.
const keptOf = (points, hidden) => {
  const active = points.dimensions.map((d, k) => [d.codes, hidden[k]]).filter(([, codes]) => codes.size);
  const kept = [];
  for (let id = 0; id < points.count; id++) {
    if (active.every(([codes, out]) => !out.has(codes[id]))) kept.push(id);
  }
  return kept;
};

// Codes that some of the points have, in the order of the dimension's values.
const codesOf = (dimension, ids) => {
  const seen = new Set(ids.map((id) => dimension.codes[id]));
  return [...seen].sort((a, b) => a - b);
};
