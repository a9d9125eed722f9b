// A document's state, in words on its colour.
import { h, ui } from "./host.js";
import { stateColour, stateLabel, stateMeaning } from "./words.js";

export function StateBadge({ state, ...more }) {
  return h(ui.Badge, { colorPalette: stateColour(state), variant: "subtle", title: stateMeaning(state), ...more }, stateLabel(state));
}
