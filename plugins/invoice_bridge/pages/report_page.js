// Beside a report inside Airflow's own page: it takes Airflow's theme, and opens what a frame may not open.
// Outside of one, the reader's system says whether it is day or night, and links are links.
"use strict";

const outer = frame();
if (outer !== null) {
  follow();
  new outer.MutationObserver(follow).observe(outer.document.documentElement, { attributeFilter: ["class"] });
  document.addEventListener("click", open);
}

function frame() {
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null; // another site shows it
  }
}

function follow() {
  document.documentElement.dataset.theme = outer.document.documentElement.classList.contains("dark") ? "dark" : "light";
}

function open(event) {
  const link = event.target.closest("a[data-airflow], a[target=_blank]");
  if (link === null || event.defaultPrevented || event.button !== 0) {
    return;
  }
  event.preventDefault();
  if (link.hasAttribute("data-airflow")) {
    outer.history.pushState({}, "", link.href);
    outer.dispatchEvent(new outer.PopStateEvent("popstate", { state: {} }));
    return;
  }
  const opener = outer.document.createElement("a");
  opener.href = link.href;
  opener.target = "_blank";
  opener.rel = "noopener noreferrer";
  opener.click();
}
