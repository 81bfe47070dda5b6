// The page: what is chosen and filtered is drawn, and drawn again when either changes.

const points = readPoints(byId("points").textContent);
const hidden = points.dimensions.map(() => new Set());
const views = { multiples: makeView(), pareto: makeView() };
let kept = keptOf(points, hidden);

const PARTS = {
  table: { choices: ["rows", "columns", "metric", "aggregate"], draw: () => drawPivot(points, kept) },
  multiples: { choices: ["x", "y", "panels", "colour", "multiples-log"], draw: () => drawMultiples(points, kept, views.multiples) },
  pareto: {
    choices: ["front-x", "front-y", "front-x-better", "front-y-better", "pareto-log"],
    draw: () => drawFront(points, kept, views.pareto),
  },
};

const drawAll = () => {
  hideTip();
  byId("kept").textContent = `${kept.length.toLocaleString("en")} of ${countText(points.count, "point")} are shown; one that failed has no number.`;
  drawTiles(points, kept);
  Object.values(PARTS).forEach((part) => part.draw());
};

const bindChoices = () => {
  for (const id of ["front-x", "front-y"]) byId(id).addEventListener("change", () => offerDirection(points, id));
  for (const { choices, draw } of Object.values(PARTS)) {
    for (const id of choices) byId(id).addEventListener("change", draw);
  }
  for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
};

// Colours and sizes change without a choice: what a reader has zoomed to stays.
const repaint = () => {
  Object.values(views).forEach(paintView);
  const colour = chosen(points, "colour");
  drawLegend(points, colour, looksOf(points, colour), codesOf(colour, kept));
};

const followSize = () => {
  const watch = new ResizeObserver(() => Object.values(views).forEach(paintView));
  watch.observe(byId("panes"));
  watch.observe(byId("front-plot"));
  window.matchMedia("print").addEventListener("change", repaint);
};

fillChoices(points);
bindChoices();
buildFilters(points, hidden, () => { kept = keptOf(points, hidden); drawAll(); });
for (const [name, view] of Object.entries(views)) bindButtons(name, view);
let isOpen = false;
followTheme(() => {
  if (isOpen) return repaint();
  isOpen = true;
  return drawAll();
});
followSize();
