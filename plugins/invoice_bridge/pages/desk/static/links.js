// Links out of the page.
import { h, ui } from "./host.js";
import { safeAddress } from "./addresses.js";
import { systemLabel } from "./words.js";

/** A link in a new tab; nothing where the address is none. */
export function OutLink({ to, children, ...more }) {
  const href = safeAddress(to);
  if (href === null) return null;
  const props = { href, target: "_blank", rel: "noopener noreferrer", color: "fg.info", textDecoration: "underline", ...more };
  return h(ui.Link, props, children, h(ui.VisuallyHidden, null, " (opens in a new tab)"));
}

const NAMES = { source: "In its source", finance: "In finance", task: "Its last task", reconciliation: "Reconciliation" };

/** All links of a document, in a row. */
export function DocumentLinks({ entry, ...more }) {
  const there = Object.keys(NAMES).filter((name) => safeAddress(entry.links?.[name]) !== null);
  if (there.length === 0) return null;
  return h(
    ui.Flex,
    { gap: 3, wrap: "wrap", ...more },
    there.map((name) => h(OutLink, { key: name, to: entry.links[name], title: NAMES[name] }, linkName(name, entry))),
  );
}

function linkName(name, entry) {
  const system = name === "source" && entry.ref?.split(":")[0];
  return system ? `In ${systemLabel(system)}` : NAMES[name];
}
