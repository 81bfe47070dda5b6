"use strict";
// Light and dark, as the system has it or as the reader switches; pages are painted in its colours.

const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const followTheme = (paint) => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  const wear = async (theme) => {
    root.dataset.theme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-pressed", String(theme === "dark"));
    await paint();
    window.dfsrtDrawn = performance.now();
    root.dataset.drawn = "yes";
  };

  button.addEventListener("click", () => wear(root.dataset.theme === "dark" ? "light" : "dark"));
  dark.addEventListener("change", (event) => wear(event.matches ? "dark" : "light"));
  return wear(dark.matches ? "dark" : "light");
};
