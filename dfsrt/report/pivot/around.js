// Points at one place of the screen are drawn around it, each to be seen; clouds of thousands as they lie.

const MOST_AROUND = 60;
const MOST_SPREAD = 2000;
const TURN = Math.PI * (3 - Math.sqrt(5));

const spotsOf = (plot) => {
  const [toX, toY] = pixelOf(plot);
  const [px, py] = [plot.xs.map(toX), plot.ys.map(toY)];
  if (plot.ids.length > MOST_SPREAD) return { px, py };
  for (const some of togetherOf(px, py)) {
    some.slice(0, MOST_AROUND).forEach((k, n) => {
      const far = 2.4 * (plot.groups[0]?.size ?? 3) * Math.sqrt(n);
      px[k] += far * Math.cos(n * TURN);
      py[k] += far * Math.sin(n * TURN);
    });
  }
  return { px, py };
};

// Sets of points whose marks would lie on each other, by the pixels that they are in.
const togetherOf = (px, py) => {
  const sets = new Map();
  for (let k = 0; k < px.length; k++) {
    const key = `${Math.round(px[k] / 2)},${Math.round(py[k] / 2)}`;
    if (!sets.has(key)) sets.set(key, []);
    sets.get(key).push(k);
  }
  return [...sets.values()].filter((some) => some.length > 1);
};
