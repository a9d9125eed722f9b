// The acts that are offered, as buttons; each asks back before it is done.
import { h, ui, useState } from "./host.js";
import { ActDialog } from "./act_dialog.js";

/** `documents` are the entries to act on; `done(results)` is called once an act was answered. */
export function ActButtons({ documents, acts, done }) {
  const [asked, setAsked] = useState(null);
  if (acts.length === 0) return null;
  return h(
    ui.Flex,
    { gap: 2, wrap: "wrap", role: "group", "aria-label": "What can be done" },
    acts.map((act) =>
      h(
        ui.Button,
        { key: act.name, size: "sm", variant: "outline", onClick: () => setAsked(act), "data-act": act.name },
        act.label,
      ),
    ),
    asked && h(ActDialog, { act: asked, documents, close: () => setAsked(null), done }),
  );
}
