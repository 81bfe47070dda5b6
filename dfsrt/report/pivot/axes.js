// Axes: where a point lies along a metric or a dimension, and the marks that say so.

const DODGE = 0.6;

const axisOf = (side, ids, log) => (isMetric(side) ? metricAxis(side, ids, log) : dimensionAxis(side));

const metricAxis = (metric, ids, log) => {
  const largest = ids.reduce((size, id) => Math.max(size, Math.abs(metric.values[id]) || 0), 0);
  const { scale, sign } = unitFor(largest, metric.unit);
  const place = log ? (v) => (v > 0 ? Math.log10(v * scale) : NaN) : (v) => v * scale;
  return {
    label: `${labelled(metric.label, sign)}${log ? ", log" : ""}`,
    at: (id) => place(metric.values[id]),
    marks: log ? logMarks : evenMarks,
  };
};

// Points of a dimension's value stand side by side, by colour.
const dimensionAxis = (dimension) => ({
  label: dimension.name,
  discrete: true,
  at: (id, share = 0.5) => dimension.codes[id] + DODGE * (share - 0.5),
  marks: (low, high, most) => {
    const from = Math.max(0, Math.ceil(low));
    const to = Math.min(dimension.values.length - 1, Math.floor(high));
    const step = Math.max(1, Math.ceil((to - from + 1) / most));
    const marks = [];
    for (let at = from; at <= to; at += step) marks.push({ at, text: dimension.values[at] });
    return marks;
  },
});

const evenMarks = (low, high, most) => {
  const rough = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const marks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    marks.push({ at: k * step, text: markText(k * step, step) });
  }
  return marks;
};

const markText = (value, step) => {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (Math.abs(value) >= 1e7 || digits > 6) return numberText(value, 4);
  return Number(value.toFixed(digits)).toLocaleString("en", { minimumFractionDigits: digits });
};

// Powers of ten, with 2 and 5 between few of them; where a reader has come close, even steps.
const logMarks = (low, high, most) => {
  if (high - low < 0.5) {
    return evenMarks(10 ** low, 10 ** high, most).map(({ at, text }) => ({ at: Math.log10(at), text }));
  }
  const between = high - low > 2 ? [1] : [1, 2, 5];
  const step = Math.max(1, Math.ceil((high - low) / most));
  const marks = [];
  for (let power = Math.floor(low); power <= high; power += step) {
    for (const factor of between) {
      const at = power + Math.log10(factor);
      if (at >= low && at <= high) marks.push({ at, text: numberText(factor * 10 ** power, 3) });
    }
  }
  return marks;
};

// The range of places, a little wider; one place alone gets room on both sides.
const rangeOf = (places, discrete = false) => {
  let [low, high] = [Infinity, -Infinity];
  for (const place of places) {
    if (place < low) low = place;
    if (place > high) high = place;
  }
  if (low > high) return [0, 1];
  if (discrete) return [Math.floor(low + 0.5) - 0.5, Math.ceil(high - 0.5) + 0.5];
  const room = high > low ? 0.06 * (high - low) : 0.1 * Math.abs(low) || 1;
  return [low - room, high + room];
};
