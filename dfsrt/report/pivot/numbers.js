// Numbers as people read them: with a prefix where the unit takes one, times in hours or minutes.

const PREFIXES = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"], [1e-12, "p"]];
const PREFIXED = new Set(["s", "J", "W", "Hz", "B", "V", "A", "F", "FLOPS", "OPS", "FLOP", "OP"]);

// The unit in which an amount of this size is told: what it is multiplied by, and its sign.
const unitFor = (size, unit) => {
  if (unit === "s" && size >= 3600) return { scale: 1 / 3600, sign: "h" };
  if (unit === "s" && size >= 60) return { scale: 1 / 60, sign: "min" };
  if (!PREFIXED.has(unit.split("/")[0]) || !(size > 0)) return { scale: 1, sign: unit };
  const [factor, prefix] = PREFIXES.find(([least]) => size >= least * 0.9999995) ?? PREFIXES.at(-1);
  return { scale: 1 / factor, sign: prefix + unit };
};

const numberText = (value, digits = 4) => {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(digits - 1).replace("e+", "e");
  const rounded = size >= 1000 ? Math.round(value) : Number(value.toPrecision(digits));
  return rounded.toLocaleString("en", { maximumFractionDigits: 10 });
};

const amountText = (value, unit, digits = 4) => {
  if (!Number.isFinite(value)) return "–";
  const { scale, sign } = unitFor(Math.abs(value), unit);
  return `${numberText(value * scale, digits)}${sign ? ` ${sign}` : ""}`;
};

// A metric whose name is its unit, such as FPS, says it once.
const labelled = (label, unit) => (unit && unit !== label ? `${label} (${unit})` : label);

const countText = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
