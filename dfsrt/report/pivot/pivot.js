// The pivot table: points by two dimensions, a metric's best, median or mean in each cell.

const MOST_ROWS = 400;
const MOST_COLUMNS = 60;

const best = (numbers, better) => numbers.reduce((a, b) => ((better === "high" ? b > a : b < a) ? b : a));

const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

const median = (numbers) => {
  const sorted = Float64Array.from(numbers).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const AGGREGATES = { best, median, mean };

// Cells by "row code,column code": the aggregate and how many points have the metric.
const pivotOf = (ids, rows, columns, metric, aggregate) => {
  const numbers = new Map();
  for (const id of ids) {
    const value = metric.values[id];
    if (Number.isNaN(value)) continue;
    const key = `${rows.codes[id]},${columns.codes[id]}`;
    if (!numbers.has(key)) numbers.set(key, []);
    numbers.get(key).push(value);
  }
  const cell = (some) => ({ value: AGGREGATES[aggregate](some, metric.better), count: some.length });
  return new Map([...numbers].map(([key, some]) => [key, cell(some)]));
};

const drawPivot = (points, ids) => {
  const [rows, columns, metric] = ["rows", "columns", "metric"].map((id) => chosen(points, id));
  const aggregate = allowedAggregate(metric);
  const cells = pivotOf(ids, rows, columns, metric, aggregate);
  const [down, across] = [codesOf(rows, ids), codesOf(columns, ids)];
  const winner = metric.better && cells.size ? best([...cells.values()].map((c) => c.value), metric.better) : NaN;
  const shown = across.slice(0, MOST_COLUMNS);
  const heads = [headCell(rows.name, true), ...shown.map((code) => headCell(columns.values[code]))];
  const lines = down.slice(0, MOST_ROWS).map((row) => [
    element("th", rows.values[row], { scope: "row" }),
    ...shown.map((column) => pivotCell(cells.get(`${row},${column}`), metric, winner)),
  ]);
  byId("pivot").replaceChildren(
    tableOf([metric.label, byText(points, rows, columns)].filter((text) => text).join(", "), heads, lines),
    ...leftOut(down.length - MOST_ROWS, "row"), ...leftOut(across.length - MOST_COLUMNS, "column"),
  );
  byId("pivot-says").textContent = pivotSays(metric, aggregate, winner);
};

const byText = (points, ...sides) => {
  const names = sides.filter((side) => side !== points.none).map((side) => side.name);
  return names.length ? `by ${names.join(" and ")}` : "";
};

// Where neither high nor low is better, nothing is best.
const allowedAggregate = (metric) => {
  const select = byId("aggregate");
  select.options[0].disabled = !metric.better;
  if (!metric.better && select.value === "best") select.value = "median";
  return select.value;
};

const pivotCell = (cell, metric, winner) => {
  if (!cell) return element("td", "–");
  const isBest = cell.value === winner;
  const made = element("td", amountText(cell.value, metric.unit), isBest ? { class: "best" } : {});
  if (isBest) made.append(element("span", " ★", { role: "img", "aria-label": "best" }));
  if (cell.count > 1) made.append(element("span", `of ${cell.count.toLocaleString("en")}`, { class: "count" }));
  return made;
};

const pivotSays = (metric, aggregate, winner) => {
  const direction = metric.better ? `${metric.better} is better; best, marked ★: ${amountText(winner, metric.unit)}` : "neither high nor low is better";
  return `${metric.label}, ${aggregate} of each cell's points; ${direction}`;
};
