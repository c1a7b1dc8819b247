"use strict";
(() => {
  const form = document.querySelector(".search");
  const output = form.querySelector("output");
  const articles = [...document.querySelectorAll("article")];
  const texts = new Map();
  const text = (article) => {
    if (!texts.has(article.id)) texts.set(article.id, article.textContent.toLowerCase());
    return texts.get(article.id);
  };
  const listings = [...document.querySelectorAll("[data-page]")];
  const groups = [...document.querySelectorAll("nav .group, main section")].filter((group) =>
    group.querySelector("[data-page]"));

  // Shows the articles that hold all words and have the verdict, and what lists them.
  const apply = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdict = form.elements.verdict ? form.elements.verdict.value : "";
    const active = words.length > 0 || verdict !== "";
    const shown = new Set();
    for (const article of articles) {
      const kept = (verdict === "" || article.dataset.badge === verdict) &&
        words.every((word) => text(article).includes(word));
      article.hidden = !kept;
      if (kept) shown.add(article.id);
    }
    for (const listing of listings) listing.hidden = !shown.has(listing.dataset.page);
    for (const group of groups) {
      group.hidden = !group.querySelector("[data-page]:not([hidden])");
      const fold = group.querySelector(":scope > details");
      if (fold) fold.open = active && shown.size <= 40;
    }
    output.value = active ? `${shown.size} of ${articles.length} shown` : "";
  };

  // A link to an article that the filter hides shows all again.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const article = target && target.closest("article");
    if (article && article.hidden) {
      form.reset();
      apply();
      target.scrollIntoView();
    }
  };

  // What scrolls by itself can be reached by the keyboard; not every browser sees to that.
  const reach = () => {
    const boxes = [...document.querySelectorAll("main :is(.table, pre, .wide)")];
    const wide = boxes.map((box) => box.scrollWidth > box.clientWidth);
    boxes.forEach((box, place) => {
      if (wide[place]) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  };

  const folds = [];
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("main details:not([open])")) {
      fold.open = true;
      folds.push(fold);
    }
  });
  addEventListener("afterprint", () => {
    for (const fold of folds.splice(0)) fold.open = false;
  });

  form.querySelector(".scheme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.scheme ? root.dataset.scheme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.scheme = dark ? "light" : "dark";
  });
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  form.hidden = false;
  apply();
  reach();
})();
