// A plot: points on a canvas between two axes; thousands are drawn in milliseconds.

const MARGIN = { left: 84, right: 12, top: 10, bottom: 46 };

const SHAPES = [
  (path, x, y, r) => { path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI); },
  (path, x, y, r) => path.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
  (path, x, y, r) => polygon(path, [[x, y - r * 1.2], [x + r * 1.1, y + r * 0.9], [x - r * 1.1, y + r * 0.9]]),
  (path, x, y, r) => polygon(path, [[x, y - r * 1.3], [x + r * 1.3, y], [x, y + r * 1.3], [x - r * 1.3, y]]),
];

const polygon = (path, corners) => {
  corners.forEach(([x, y], k) => (k ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
};

// A view is what its plots show of their axes: all of it, or what a reader has zoomed to.
const makeView = () => ({ whole: [0, 1, 0, 1], now: [0, 1, 0, 1], plots: [] });

const makePlot = (canvas, view, content) => {
  const plot = { canvas, view, ...content };
  view.plots.push(plot);
  return plot;
};

const frameOf = ({ canvas }) => {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  return { width, height, right: width - MARGIN.right, bottom: height - MARGIN.bottom, wide: width - MARGIN.left - MARGIN.right, tall: height - MARGIN.top - MARGIN.bottom };
};

const pixelOf = (plot) => {
  const [x0, x1, y0, y1] = plot.view.now;
  const { wide, tall, bottom } = frameOf(plot);
  return [(x) => MARGIN.left + ((x - x0) / (x1 - x0)) * wide, (y) => bottom - ((y - y0) / (y1 - y0)) * tall];
};

const placeOf = (plot, px, py) => {
  const [x0, x1, y0, y1] = plot.view.now;
  const { wide, tall, bottom } = frameOf(plot);
  return [x0 + ((px - MARGIN.left) / wide) * (x1 - x0), y0 + ((bottom - py) / tall) * (y1 - y0)];
};

const prepared = (canvas) => {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
};

const drawPlot = (plot) => {
  const pen = prepared(plot.canvas);
  const frame = frameOf(plot);
  if (frame.wide <= 0 || frame.tall <= 0) return;
  drawAxes(pen, plot, frame);
  pen.save();
  pen.beginPath();
  pen.rect(MARGIN.left, MARGIN.top, frame.wide, frame.tall);
  pen.clip();
  plot.spots = spotsOf(plot);
  drawLine(pen, plot);
  plot.groups.forEach((group) => drawGroup(pen, plot, group));
  pen.restore();
};

const drawAxes = (pen, plot, frame) => {
  const [toX, toY] = pixelOf(plot);
  const [x0, x1, y0, y1] = plot.view.now;
  const across = plot.x.marks(x0, x1, Math.max(2, Math.floor(frame.wide / 70)));
  const up = plot.y.marks(y0, y1, Math.max(2, Math.floor(frame.tall / 45)));
  const room = plot.x.discrete ? frame.wide / Math.max(across.length, 1) - 6 : 66;
  pen.font = `12px ${variable("--figures")}`;
  pen.strokeStyle = variable("--grid");
  pen.fillStyle = variable("--muted");
  pen.beginPath();
  for (const { at } of across) { pen.moveTo(toX(at), MARGIN.top); pen.lineTo(toX(at), frame.bottom); }
  for (const { at } of up) { pen.moveTo(MARGIN.left, toY(at)); pen.lineTo(frame.right, toY(at)); }
  pen.stroke();
  pen.textAlign = "center";
  for (const { at, text } of across) pen.fillText(fitted(pen, text, room), toX(at), frame.bottom + 16);
  pen.textAlign = "right";
  for (const { at, text } of up) pen.fillText(fitted(pen, text, MARGIN.left - 22), MARGIN.left - 6, toY(at) + 4);
  drawLabels(pen, plot, frame);
};

const drawLabels = (pen, plot, frame) => {
  pen.fillStyle = variable("--text");
  pen.textAlign = "center";
  pen.fillText(fitted(pen, plot.x.label, frame.wide), MARGIN.left + frame.wide / 2, frame.height - 8);
  pen.save();
  pen.translate(12, MARGIN.top + frame.tall / 2);
  pen.rotate(-Math.PI / 2);
  pen.fillText(fitted(pen, plot.y.label, frame.tall), 0, 0);
  pen.restore();
};

// Names often differ at their end: both ends stay.
const fitted = (pen, text, room) => {
  if (pen.measureText(text).width <= room) return text;
  let keep = text.length - 1;
  const cut = () => `${text.slice(0, Math.ceil(keep / 2))}…${text.slice(text.length - Math.floor(keep / 2))}`;
  while (keep > 2 && pen.measureText(cut()).width > room) keep--;
  return cut();
};

const drawLine = (pen, plot) => {
  if (!plot.line?.length) return;
  const [toX, toY] = pixelOf(plot);
  pen.strokeStyle = plot.lineColour;
  pen.lineWidth = 1.5;
  pen.beginPath();
  plot.line.forEach(([x, y], k) => (k ? pen.lineTo(toX(x), toY(y)) : pen.moveTo(toX(x), toY(y))));
  pen.stroke();
  pen.lineWidth = 1;
};

const colourOf = (name) => (name.startsWith("@") ? variable(`--${name.slice(1)}`) : name);

const drawGroup = (pen, plot, { colour, shape, size, members }) => {
  const { px, py } = plot.spots;
  pen.fillStyle = colourOf(colour);
  pen.globalAlpha = members.length > 2000 ? 0.6 : 0.85;
  pen.beginPath();
  for (const k of members) SHAPES[shape](pen, px[k], py[k], size);
  pen.fill();
  pen.globalAlpha = 1;
};

// The nearest point of a plot within a few pixels, or -1.
const nearest = (plot, x, y, within = 14) => {
  const { px, py } = plot.spots ?? spotsOf(plot);
  let [found, least] = [-1, within * within];
  for (let k = 0; k < plot.ids.length; k++) {
    const far = (px[k] - x) ** 2 + (py[k] - y) ** 2;
    if (far <= least) [found, least] = [k, far];
  }
  return found;
};
