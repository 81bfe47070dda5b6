// Zooming and moving: by dragging, wheel, buttons and keys; plots of one view move together.

const paintView = (view) => view.plots.forEach(drawPlot);

const setView = (view, box) => {
  if (box.every(Number.isFinite) && box[1] > box[0] && box[3] > box[2]) view.now = box;
  paintView(view);
};

const resetView = (view) => setView(view, [...view.whole]);

const zoomView = (view, factor, centre) => {
  const [x0, x1, y0, y1] = view.now;
  const [cx, cy] = centre ?? [(x0 + x1) / 2, (y0 + y1) / 2];
  setView(view, [cx + (x0 - cx) * factor, cx + (x1 - cx) * factor, cy + (y0 - cy) * factor, cy + (y1 - cy) * factor]);
};

const moveView = (view, right, up) => {
  const [x0, x1, y0, y1] = view.now;
  const [dx, dy] = [right * (x1 - x0), up * (y1 - y0)];
  setView(view, [x0 + dx, x1 + dx, y0 + dy, y1 + dy]);
};

const KEYS = {
  "+": (view) => zoomView(view, 1 / 1.5), "=": (view) => zoomView(view, 1 / 1.5), "-": (view) => zoomView(view, 1.5),
  0: resetView, ArrowLeft: (view) => moveView(view, -0.15, 0), ArrowRight: (view) => moveView(view, 0.15, 0),
  ArrowUp: (view) => moveView(view, 0, 0.15), ArrowDown: (view) => moveView(view, 0, -0.15),
};

const bindButtons = (name, view) => {
  byId(`${name}-in`).addEventListener("click", () => zoomView(view, 1 / 1.5));
  byId(`${name}-out`).addEventListener("click", () => zoomView(view, 1.5));
  byId(`${name}-reset`).addEventListener("click", () => resetView(view));
};

const bindCanvas = (points, plot) => {
  const { canvas, view } = plot;
  bindDrag(points, plot);
  canvas.addEventListener("dblclick", () => resetView(view));
  // Only a plot in focus takes the wheel: a reader who scrolls by shall get on.
  canvas.addEventListener("wheel", (event) => {
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    zoomView(view, event.deltaY > 0 ? 1.25 : 0.8, placeOf(plot, event.offsetX, event.offsetY));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "n" || event.key === "p") stepTip(points, plot, event.key === "n" ? 1 : -1);
    else if (KEYS[event.key] && !event.ctrlKey && !event.metaKey) KEYS[event.key](view);
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("blur", hideTip);
};

const bindDrag = (points, plot) => {
  const { canvas, view } = plot;
  let start = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button === 0) start = [event.offsetX, event.offsetY];
    if (event.pointerType === "mouse") canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!start) return hoverTip(points, plot, event);
    drawPlot(plot);
    drawStretch(canvas, start, [event.offsetX, event.offsetY]);
  });
  canvas.addEventListener("pointerup", (event) => {
    const [from, to] = [start, [event.offsetX, event.offsetY]];
    start = null;
    if (from && Math.abs(from[0] - to[0]) > 5 && Math.abs(from[1] - to[1]) > 5) setView(view, boxOf(plot, from, to));
    else { drawPlot(plot); hoverTip(points, plot, event); }
  });
  canvas.addEventListener("pointercancel", () => { start = null; drawPlot(plot); });
  canvas.addEventListener("pointerleave", hideTip);
};

const boxOf = (plot, from, to) => {
  const [ax, ay] = placeOf(plot, ...from);
  const [bx, by] = placeOf(plot, ...to);
  return [Math.min(ax, bx), Math.max(ax, bx), Math.min(ay, by), Math.max(ay, by)];
};

const drawStretch = (canvas, from, to) => {
  const pen = canvas.getContext("2d");
  pen.strokeStyle = variable("--accent");
  pen.strokeRect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
};
