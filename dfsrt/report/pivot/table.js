// Tables, whose cells are text and never markup.

const rowOf = (cells) => {
  const row = element("tr");
  row.append(...cells);
  return row;
};

const tableOf = (caption, heads, rows) => {
  const table = element("table");
  const head = element("thead");
  const body = element("tbody");
  head.append(rowOf(heads));
  body.append(...rows.map(rowOf));
  table.append(element("caption", caption), head, body);
  return table;
};

const headCell = (text, left = false) => element("th", text, left ? { scope: "col", class: "left" } : { scope: "col" });

const leftOut = (count, noun) => (count > 0 ? [element("p", `${countText(count, `more ${noun}`)} not shown here; filter.`, { class: "muted" })] : []);
