// Filters: which values of each dimension are looked at.

const MOST_BOXES = 60;

const buildFilters = (points, hidden, changed) => {
  const offered = variedOf(points);
  byId("sieves").replaceChildren(...offered.map((dimension) => {
    const out = hidden[points.dimensions.indexOf(dimension)];
    const box = element("details");
    const title = element("summary");
    const tell = () => {
      const count = dimension.values.length;
      title.textContent = `${dimension.name}: ${out.size ? `${count - out.size} of ` : ""}${countText(count, "value")}`;
    };
    const apply = () => { tell(); changed(); };
    tell();
    box.append(title, ...(dimension.values.length > MOST_BOXES ? [search(dimension, out, apply)] : boxes(dimension, out, apply)));
    return box;
  }));
};

const boxes = (dimension, out, apply) => {
  const list = element("div", "", { class: "values" });
  const inputs = dimension.values.map((value, code) => {
    const input = element("input", "", { type: "checkbox" });
    const label = element("label");
    input.checked = true;
    input.addEventListener("change", () => { input.checked ? out.delete(code) : out.add(code); apply(); });
    label.append(input, ` ${value}`);
    list.append(label);
    return input;
  });
  const all = (checked) => () => {
    inputs.forEach((input, code) => { input.checked = checked; checked ? out.delete(code) : out.add(code); });
    apply();
  };
  return [list, button("All", all(true)), button("None", all(false))];
};

const button = (text, act) => {
  const made = element("button", text, { type: "button" });
  made.addEventListener("click", act);
  return made;
};

const search = (dimension, out, apply) => {
  const input = element("input", "", { type: "search", placeholder: "contains", "aria-label": `${dimension.name} contains` });
  input.addEventListener("input", () => {
    const asked = input.value.toLowerCase();
    dimension.values.forEach((value, code) => (value.toLowerCase().includes(asked) ? out.delete(code) : out.add(code)));
    apply();
  });
  return input;
};
