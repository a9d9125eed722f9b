// Both sides of a document beside each other: what was to be sent, and what finance holds. Differences are in words.
import { h, ui, useState } from "./host.js";
import { announce } from "./live.js";
import { read } from "./api.js";
import { instant } from "./format.js";
import { Lines } from "./particulars.js";
import { Trouble } from "./trouble.js";

/** The sides as the ledger remembers them; on request as both systems show them now. */
export function SidesNow({ entry }) {
  const [now, setNow] = useState(null);
  const [error, setError] = useState(null);
  const [isAsking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    setError(null);
    try {
      const found = await read(`documents/${entry.id}/sides`);
      setNow(found);
      announce(`Both systems were asked. ${differing(found.sides)}`);
    } catch (failed) {
      setError(failed);
    }
    setAsking(false);
  };
  const sides = now?.sides ?? entry.sides ?? [];
  const asOf = now ? `As both systems showed it ${instant(now.asked_at)}.` : "As the ledger remembers it.";
  return h(
    ui.Stack,
    { gap: 2 },
    h(
      ui.Flex,
      { justify: "space-between", align: "center", gap: 3, wrap: "wrap" },
      h(ui.Heading, { as: "h3", size: "sm" }, "Both sides"),
      h(ui.Button, { size: "xs", variant: "outline", loading: isAsking, loadingText: "Asking", onClick: ask }, "Ask both systems now"),
    ),
    error && h(Trouble, { error }),
    h(SidesTable, { sides }),
    h(ui.Text, { fontSize: "xs", color: "fg.muted" }, `${asOf} ${sides.length ? differing(sides) : ""}`),
    (now?.problems ?? []).map((problem) => h(ui.Text, { key: problem, fontSize: "sm" }, problem)),
    h(Lines, { title: "Lines in the source", lines: now?.lines ?? entry.lines }),
    h(Lines, { title: "Lines in finance", lines: now?.held_lines }),
  );
}

/** `[{field, sent, held, differs}]` as a table. */
export function SidesTable({ sides, caption }) {
  if (sides.length === 0) return h(ui.Text, { color: "fg.muted" }, "Neither side is known yet.");
  return h(
    ui.Table.ScrollArea,
    { borderWidth: "1px", borderRadius: "md", position: "relative", tabIndex: 0, role: "region", "aria-label": caption ?? "Both sides" },
    h(
      ui.Table.Root,
      { size: "sm", "data-testid": "desk-sides" },
      h(
        ui.Table.Header,
        null,
        h(
          ui.Table.Row,
          { bg: "bg.muted" },
          ["Field", "To be sent", "In finance", ""].map((label, at) =>
            at === 3
              ? h(ui.Table.ColumnHeader, { key: at, scope: "col" }, h(ui.VisuallyHidden, null, "Difference"))
              : h(ui.Table.ColumnHeader, { key: at, scope: "col" }, label),
          ),
        ),
      ),
      h(
        ui.Table.Body,
        null,
        sides.map((side) =>
          h(
            ui.Table.Row,
            { key: side.field, bg: side.differs ? "orange.subtle" : undefined },
            h(ui.Table.ColumnHeader, { scope: "row", fontWeight: "medium", color: side.differs ? "orange.fg" : "fg.muted" }, side.field),
            [side.sent, side.held].map((value, at) =>
              h(ui.Table.Cell, { key: at, overflowWrap: "anywhere", whiteSpace: "pre-line", color: side.differs ? "orange.fg" : undefined, fontWeight: side.differs ? "semibold" : undefined }, text(value)),
            ),
            h(ui.Table.Cell, { whiteSpace: "nowrap" }, side.differs && h(ui.Badge, { colorPalette: "orange", variant: "solid", bg: "orange.fg", color: "orange.subtle" }, "differs")),
          ),
        ),
      ),
    ),
  );
}

function differing(sides) {
  const names = sides.filter((side) => side.differs).map((side) => side.field);
  return names.length === 0 ? "No difference." : `Different: ${names.join(", ")}.`;
}

const text = (value) => (value === null || value === undefined || value === "" ? "\u2014" : String(value));
