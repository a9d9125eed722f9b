// The rest of a document: lines, payments, history, papers, and the steps in technical words.
import { h, ui } from "./host.js";
import { instant, number } from "./format.js";
import { OutLink } from "./links.js";
import { spoken, stateLabel } from "./words.js";

const AMOUNT = /^-?\d+(\.\d+)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T/;

export const Lines = ({ lines, title = "Lines" }) => h(Records, { title, records: lines });
export const Payments = ({ payments }) => h(Told, { title: "Payments", told: payments });

/** Who did what, when and why; the newest first. */
export function History({ history }) {
  if (!history?.length) return null;
  return h(
    ui.Stack,
    { gap: 2 },
    h(ui.Heading, { as: "h3", size: "sm" }, "History"),
    h(
      ui.Stack,
      { as: "ol", gap: 3, listStyleType: "none", borderStartWidth: "2px", ps: 4, "data-testid": "desk-history" },
      history.map((change, at) =>
        h(
          ui.Stack,
          { key: at, as: "li", gap: 0.5, overflowWrap: "anywhere" },
          h(ui.Text, { fontWeight: "medium" }, moved(change)),
          change.note && h(ui.Text, { whiteSpace: "pre-line" }, change.note),
          (change.changes ?? []).map((one) =>
            h(ui.Text, { key: one.field, fontSize: "sm" }, `${spoken(one.field)}: ${one.from ?? "\u2014"} \u2192 ${one.to ?? "\u2014"}`),
          ),
          h(
            ui.Text,
            { fontSize: "xs", color: "fg.muted" },
            [instant(change.at), change.actor].filter(Boolean).join(" \u00b7 "),
            change.task && [" ", h(OutLink, { key: "task", to: change.task }, "task")],
          ),
        ),
      ),
    ),
  );
}

function moved(change) {
  if (!change.from) return stateLabel(change.to ?? "seen");
  if (!change.to || change.from === change.to) return `${stateLabel(change.from)}, unchanged`;
  return `${stateLabel(change.from)} \u2192 ${stateLabel(change.to)}`;
}

/** Links to what belongs to the document: the booking, the source, the reconciliation of its day. */
export function Papers({ papers }) {
  if (!papers?.length) return null;
  return h(
    ui.Stack,
    { gap: 1, fontSize: "sm" },
    h(ui.Heading, { as: "h3", size: "sm" }, "Papers"),
    papers.map((paper) => h(OutLink, { key: paper.label, to: paper.href, alignSelf: "flex-start" }, paper.label)),
  );
}

/** What only a technician reads. */
export function Technical({ entry }) {
  return h(
    ui.Box,
    { as: "details", borderWidth: "1px", borderRadius: "md", p: 3 },
    h(ui.Box, { as: "summary", cursor: "pointer", fontWeight: "medium" }, "Technical detail"),
    h(
      ui.Stack,
      { gap: 4, mt: 3 },
      h(ui.Text, { fontSize: "sm", overflowWrap: "anywhere" }, "Reference: ", h(ui.Code, null, entry.ref)),
      h(Told, { title: "Facts", told: entry.facts }),
      h(Told, { title: "Booking", told: entry.booking }),
      h(Records, { title: "Steps", records: entry.steps }),
    ),
  );
}

/** `[{label, value}]` under a heading. */
export function Told({ title, told }) {
  if (!told?.length) return null;
  return h(
    ui.Stack,
    { gap: 2 },
    h(ui.Heading, { as: "h3", size: "sm" }, title),
    h(
      ui.DataList.Root,
      { orientation: "horizontal", size: "md", gap: 1 },
      told.map((one) =>
        h(
          ui.DataList.Item,
          { key: one.label, alignItems: "flex-start" },
          h(ui.DataList.ItemLabel, { minWidth: "9rem", color: "fg.muted" }, one.label),
          h(ui.DataList.ItemValue, { overflowWrap: "anywhere", minWidth: 0 }, shown(one.value)),
        ),
      ),
    ),
  );
}

/** A table of records whose fields the desk's answer names. */
function Records({ title, records }) {
  if (!records?.length) return null;
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))].filter((name) => records.some((record) => shown(record[name]) !== ""));
  const isAmount = (name) => records.every((record) => !filled(record[name]) || AMOUNT.test(String(record[name])));
  return h(
    ui.Stack,
    { gap: 2 },
    h(ui.Heading, { as: "h3", size: "sm" }, title),
    h(
      ui.Table.ScrollArea,
      { borderWidth: "1px", borderRadius: "md", position: "relative", tabIndex: 0, role: "region", "aria-label": title },
      h(
        ui.Table.Root,
        { size: "sm" },
        h(
          ui.Table.Header,
          null,
          h(
            ui.Table.Row,
            { bg: "bg.muted" },
            names.map((name) => h(ui.Table.ColumnHeader, { key: name, scope: "col", textAlign: isAmount(name) ? "end" : "start" }, spoken(name))),
          ),
        ),
        h(
          ui.Table.Body,
          null,
          records.map((record, at) =>
            h(
              ui.Table.Row,
              { key: at },
              names.map((name) =>
                h(ui.Table.Cell, { key: name, overflowWrap: "anywhere", textAlign: isAmount(name) ? "end" : "start", fontVariantNumeric: "tabular-nums" }, shown(record[name])),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

const filled = (value) => value !== null && value !== undefined && value !== "";

function shown(value) {
  if (!filled(value)) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object") return JSON.stringify(value);
  const text = String(value);
  if (INSTANT.test(text)) return instant(text);
  return AMOUNT.test(text) && text.includes(".") ? number(text) : text;
}
