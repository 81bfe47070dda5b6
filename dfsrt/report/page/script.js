(() => {
  const plots = JSON.parse(document.getElementById("plots").textContent);

  // Colours of the page stand in the figures as @names, so that they follow light and dark.
  const coloured = (value, colours) => {
    if (typeof value === "string") return colours[value] ?? value;
    if (Array.isArray(value)) return value.map((each) => coloured(each, colours));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v, colours)]));
    }
    return value;
  };

  const layoutOf = (data, layout, colours) => {
    const named = layout.meta?.room && window.innerWidth > 600;
    const legend = data.length > 1 && layout.showlegend !== false && !named;
    const axis = { gridcolor: colours["@grid"], linecolor: colours["@grid"], zerolinecolor: colours["@grid"], automargin: true };
    const made = {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 60, r: 20, t: legend ? 36 : 10, b: 45 }, hovermode: "closest",
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, hoverlabel: { namelength: -1, bgcolor: colours["@card"], font: { color: colours["@text"] } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: colours["@muted"], activecolor: colours["@text"] },
      ...layout,
      font: { ...layout.font, color: colours["@text"] },
    };
    for (const name of ["xaxis", "yaxis", ...Object.keys(layout).filter((each) => /^[xy]axis\d+$/.test(each))]) {
      made[name] = { ...axis, ...(layout[name] ?? {}) };
    }
    // Where there is room, lines are named at their ends, else in a legend.
    if (named) {
      made.annotations = [...(layout.annotations ?? []), ...layout.meta.ends];
      made.showlegend = false;
      made.margin = { ...made.margin, r: layout.meta.room };
    }
    return made;
  };

  // A long name stands in several lines, which end where its parts do.
  const lines = (name, most) => {
    const made = [""];
    for (const bit of String(name).match(/[^:/, ]{1,20}[:/, ]*|[:/, ]+/g) ?? []) {
      if (made.at(-1) && (made.at(-1) + bit).trimEnd().length > most) made.push("");
      made[made.length - 1] += bit;
    }
    return made.map((each) => each.trimEnd());
  };

  // Names beside bars take no more than their share of a narrow figure, and rows are as high as they need.
  const inLines = (data, layout) => {
    const flat = data.filter((each) => each.type === "bar" && each.orientation === "h");
    const names = [...new Set(flat.flatMap((each) => Array.isArray(each.y) ? each.y : []))];
    const broken = names.map((name) => lines(name, window.innerWidth > 600 ? 40 : 20));
    if (!names.every((name) => typeof name === "string") || broken.every((each) => each.length < 2)) return layout;
    const most = Math.max(...broken.map((each) => each.length)), row = (layout.height - 120) / names.length;
    return {
      ...layout, height: layout.height + names.length * Math.max(0, 18 * most + 4 - row),
      yaxis: { ...layout.yaxis, tickmode: "array", tickvals: names, ticktext: broken.map((each) => each.join("<br>")) },
    };
  };

  // What stands over a row is as small as its width asks for.
  const headed = (layout) => {
    const heads = (layout.annotations ?? []).map((each) => {
      const fits = (window.innerWidth - 130) / (0.62 * String(each.text).replace(/<[^>]*>/g, "").length);
      return each.xref !== "paper" || each.xanchor !== "left" || fits > 12 ? each : { ...each, font: { ...each.font, size: Math.max(7, fits) } };
    });
    return heads.length ? { ...layout, annotations: heads } : layout;
  };

  // Where there is little room, a bar says its first figure alone, and its axis goes on further for it.
  const narrowed = (data, layout) => {
    const beside = (each) => each.type === "bar" && each.orientation === "h" && each.textposition === "outside";
    const roomy = window.innerWidth > 800 && !window.matchMedia("print").matches;
    if (roomy) return [data, layout];
    layout = inLines(data, headed(layout));
    if (!data.some(beside)) return [data, layout];
    const bars = data.map((each) => !beside(each) || !Array.isArray(each.text) ? each : {
      ...each, text: each.text.map((text) => String(text).split(/[,;] /)[0]), hovertext: each.text,
      ...(each.hovertemplate && { hovertemplate: each.hovertemplate.replace("%{text}", "%{hovertext}") }),
    });
    const range = layout.xaxis?.range;
    if (!range) return [bars, layout];
    const sums = (layout.annotations ?? []).some((each) => each.xshift);
    const [low, high] = range, more = (sums ? 0.6 : 0.15) * (high - low);
    return [bars, { ...layout, xaxis: { ...layout.xaxis, nticks: 4, range: [low < 0 && layout.xaxis.type !== "log" ? low - more : low, high + more] } }];
  };

  // A number in a field that is narrower than it would be cut off at the axis: it is on the pointer then.
  const fielded = (each) => {
    if (each.type !== "heatmap" || !each.texttemplate) return each;
    const longest = Math.max(...each.text.flat().map((text) => text.length));
    return 7 * longest * each.x.length > 0.6 * window.innerWidth ? { ...each, texttemplate: "" } : each;
  };

  const paint = async (name) => {
    const colours = { "@text": variable("--text"), "@grid": variable("--grid"), "@muted": variable("--muted"), "@card": variable("--card") };
    const [data, layout] = narrowed(plots[name].data.map(fielded), plots[name].layout);
    const place = document.getElementById(`plot-${name}`);
    const first = !place.data;
    place.style.height = `${layout.height}px`;
    await Plotly.react(place, coloured(data, colours), layoutOf(data, coloured(layout, colours), colours), { responsive: true, displaylogo: false });
    if (first && layout.meta?.close) place.on("plotly_relayout", () => look(place, layout.meta));
  };

  // Single layers are shown where the reader has zoomed into their stretch, the envelope elsewhere.
  const look = (place, meta) => {
    const [from, to] = place.layout.xaxis.range.map(Number);
    const near = from >= meta.span[0] - 1e-9 && to <= meta.span[1] * 1.001 + 1e-9;
    if (place.data[meta.close[0]].visible === near) return;
    Plotly.restyle(place, { visible: near }, meta.close);
    Plotly.restyle(place, { visible: !near }, meta.wide);
  };

  const paintAll = async () => {
    for (const name of Object.keys(plots)) await paint(name);
  };

  // Paper is light, whatever the page wears.
  window.matchMedia("print").addEventListener("change", paintAll);
  window.addEventListener("beforeprint", () => { for (const name of Object.keys(plots)) Plotly.Plots.resize(document.getElementById(`plot-${name}`)); });
  followTheme(paintAll);
})();
