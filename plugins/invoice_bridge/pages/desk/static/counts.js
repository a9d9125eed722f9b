// How many documents are in which state, and their sums: on top, and each a filter.
import { h, ui } from "./host.js";
import { counted, money, number } from "./format.js";
import { STATE_NAMES, stateColour, stateLabel, stateMeaning } from "./words.js";

/** One button per state; pressed ones are what the list shows. `moreOf` are the states that were not counted to the end. */
export function Counts({ states, moreOf = [], chosen, choose }) {
  const names = [...STATE_NAMES, ...Object.keys(states).filter((name) => !STATE_NAMES.includes(name))];
  const shown = names.filter((name) => states[name] || chosen.includes(name));
  if (shown.length === 0) return null;
  return h(
    ui.Flex,
    { gap: 2, wrap: "wrap", role: "group", "aria-label": "Documents by state" },
    shown.map((name) => {
      const isChosen = chosen.includes(name);
      const next = isChosen ? chosen.filter((one) => one !== name) : [...chosen, name];
      return h(
        ui.Button,
        {
          key: name,
          "aria-pressed": isChosen,
          colorPalette: stateColour(name),
          onClick: () => choose(next),
          size: "sm",
          title: stateMeaning(name),
          variant: isChosen ? "surface" : "outline",
          ...(isChosen ? { borderWidth: "2px", borderColor: "colorPalette.fg" } : { color: "fg" }),
        },
        stateLabel(name),
        h(ui.Badge, { colorPalette: stateColour(name), variant: "subtle", size: "sm" }, moreOf.includes(name) ? `more than ${number(String(states[name]))}` : (states[name] ?? 0)),
      );
    }),
  );
}

/** How many documents there are, or what is known of it. */
export function found(count, hasMore) {
  return hasMore ? `More than ${counted(count, "document")}` : counted(count, "document");
}

/** The sum of what is listed, by currency. */
export function Sums({ sums, count, hasMore }) {
  return h(
    ui.Flex,
    { gap: 4, wrap: "wrap", align: "baseline", color: "fg.muted", fontSize: "sm" },
    h(ui.Text, { "data-testid": "desk-count" }, found(count, hasMore)),
    hasMore && h(ui.Text, null, "They are not counted and summed to the end. Narrow the filter to see their sums."),
    sums.map((sum) =>
      h(
        ui.Text,
        { key: sum.currency ?? "", title: counted(sum.count, "document"), fontVariantNumeric: "tabular-nums" },
        sum.currency && h(ui.Span, { fontWeight: "semibold", color: "fg" }, money(sum.total, sum.currency)),
        sum.currency ? ` in ${counted(sum.count, "document")}` : `${counted(sum.count, "document")} whose amount is not known yet`,
      ),
    ),
  );
}
