// The list of documents: a table, and cards where there is little room.
import { h, RouterLink, ui, useLocation } from "./host.js";
import { searchWith } from "./address.js";
import { age, date, instant, money } from "./format.js";
import { DocumentLinks } from "./links.js";
import { StateBadge } from "./state_badge.js";
import { kindLabel, nameOf, routeLabel } from "./words.js";

const COLUMNS = [
  { name: "number", label: "Document" },
  { name: "customer", label: "Customer" },
  { name: "date", label: "Date" },
  { name: "total", label: "Total", isNumber: true },
  { name: "state", label: "State" },
  { name: "age", label: "Since" },
  { name: null, label: "Reason and next step" },
];
/** The order that the list is in when nobody asks for another: what waits longest is first. */
export const FIRST_ORDER = { sort: "age", order: "desc" };

/** `picked` is a set of ids, `pick(ids, isPicked)` changes it; `isNarrow` leaves room for a panel beside. */
export function List({ documents, filter, change, chosen, picked, pick, isNarrow }) {
  const isTable = ui.useBreakpointValue({ base: false, md: true }, { ssr: false }) && !isNarrow;
  const shared = { documents, chosen, picked, pick };
  return isTable ? h(DocumentTable, { ...shared, filter, change }) : h(Cards, shared);
}

function DocumentTable({ documents, filter, change, chosen, picked, pick }) {
  const ids = documents.map((entry) => entry.id);
  const isAllPicked = ids.length > 0 && ids.every((id) => picked.has(id));
  return h(
    ui.Table.ScrollArea,
    { borderWidth: "1px", borderRadius: "md", position: "relative", tabIndex: 0, role: "region", "aria-label": "Documents" },
    h(
      ui.Table.Root,
      { size: "sm", interactive: true, "data-testid": "desk-table" },
      h(
        ui.Table.Header,
        null,
        h(
          ui.Table.Row,
          { bg: "bg.muted" },
          h(
            ui.Table.ColumnHeader,
            { scope: "col", width: "1%" },
            h(Pick, { label: "Choose all of this page", isPicked: isAllPicked, set: (isPicked) => pick(ids, isPicked) }),
          ),
          COLUMNS.map((column) => h(ColumnHead, { key: column.label, column, filter, change })),
        ),
      ),
      h(
        ui.Table.Body,
        null,
        documents.map((entry) =>
          h(Row, { key: entry.id, entry, isChosen: String(entry.id) === chosen, isPicked: picked.has(entry.id), pick }),
        ),
      ),
    ),
  );
}

function ColumnHead({ column, filter, change }) {
  const sort = filter.sort || FIRST_ORDER.sort;
  const order = filter.order || FIRST_ORDER.order;
  const isSorted = column.name !== null && sort === column.name;
  const props = { scope: "col", textAlign: column.isNumber ? "end" : "start", whiteSpace: "nowrap" };
  if (column.name === null) return h(ui.Table.ColumnHeader, { ...props, fontSize: "xs", color: "fg" }, column.label);
  const next = isSorted && order === "asc" ? "desc" : "asc";
  const sign = isSorted ? (order === "asc" ? " \u2191" : " \u2193") : "";
  return h(
    ui.Table.ColumnHeader,
    { ...props, "aria-sort": isSorted ? { asc: "ascending", desc: "descending" }[order] : "none" },
    h(
      ui.Button,
      { variant: "plain", size: "xs", px: 0, height: "auto", minWidth: 0, fontWeight: "semibold", color: "fg", onClick: () => change({ sort: column.name, order: next }) },
      column.label,
      h(ui.Span, { "aria-hidden": true }, sign),
    ),
  );
}

function Row({ entry, isChosen, isPicked, pick }) {
  const cell = { verticalAlign: "top" };
  return h(
    ui.Table.Row,
    { "aria-current": isChosen || undefined, bg: isChosen ? "bg.subtle" : undefined, "data-document": entry.id },
    h(ui.Table.Cell, cell, h(Pick, { label: `Choose ${nameOf(entry)}`, isPicked, set: (value) => pick([entry.id], value) })),
    h(
      ui.Table.Cell,
      { ...cell, minWidth: "7rem", overflowWrap: "anywhere" },
      h(OpenLink, { entry }),
      h(ui.Text, { color: "fg.muted", fontSize: "xs" }, kindLabel(entry.kind)),
      h(ui.Text, { color: "fg.muted", fontSize: "xs" }, routeLabel(entry.route)),
    ),
    h(ui.Table.Cell, { ...cell, minWidth: "8rem", overflowWrap: "anywhere" }, entry.customer),
    h(ui.Table.Cell, { ...cell, whiteSpace: "nowrap" }, date(entry.date)),
    h(ui.Table.Cell, { ...cell, textAlign: "end", whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" }, money(entry.total, entry.currency)),
    h(ui.Table.Cell, cell, h(States, { entry })),
    h(ui.Table.Cell, { ...cell, whiteSpace: "nowrap" }, h("time", { dateTime: entry.since, title: instant(entry.since) }, age(entry.since))),
    h(ui.Table.Cell, { ...cell, minWidth: "18rem" }, h(Reason, { entry }), h(DocumentLinks, { entry, mt: 1, fontSize: "xs" })),
  );
}

function Cards({ documents, chosen, picked, pick }) {
  return h(
    ui.Stack,
    { as: "ul", gap: 2, listStyleType: "none", "aria-label": "Documents" },
    documents.map((entry) => {
      const isChosen = String(entry.id) === chosen;
      return h(
        ui.Box,
        { key: entry.id, as: "li", borderWidth: "1px", borderRadius: "md", p: 3, borderInlineStartWidth: isChosen ? "5px" : "1px", borderInlineStartColor: isChosen ? "brand.solid" : undefined, "aria-current": isChosen || undefined, "data-document": entry.id },
        h(
          ui.Flex,
          { gap: 3, align: "center", justify: "space-between" },
          h(
            ui.Flex,
            { gap: 2, align: "center", minWidth: 0 },
            h(Pick, { label: `Choose ${nameOf(entry)}`, isPicked: picked.has(entry.id), set: (value) => pick([entry.id], value) }),
            h(OpenLink, { entry }),
          ),
          h(ui.Text, { whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums", fontWeight: "semibold" }, money(entry.total, entry.currency)),
        ),
        h(
          ui.Flex,
          { gap: 2, wrap: "wrap", align: "center", mt: 1, fontSize: "sm" },
          h(States, { entry }),
          h(ui.Text, { color: "fg.muted" }, `for ${age(entry.since)}`),
          h(ui.Text, { overflowWrap: "anywhere" }, entry.customer),
        ),
        h(ui.Box, { mt: 1, fontSize: "sm" }, h(Reason, { entry }), h(DocumentLinks, { entry, mt: 1, fontSize: "xs" })),
      );
    }),
  );
}

function OpenLink({ entry }) {
  const { search } = useLocation();
  return h(
    ui.Link,
    { asChild: true, color: "fg.info", fontWeight: "bold", overflowWrap: "anywhere" },
    h(RouterLink, { to: { search: searchWith(search, { document: entry.id }) }, "data-opens": entry.id }, nameOf(entry)),
  );
}

function States({ entry }) {
  return h(
    ui.Flex,
    { gap: 1, wrap: "wrap" },
    h(StateBadge, { state: entry.state }),
    entry.is_aside && h(ui.Badge, { variant: "outline" }, "Put aside"),
  );
}

function Reason({ entry }) {
  return h(
    ui.Stack,
    { gap: 0.5, overflowWrap: "anywhere" },
    entry.reason && h(ui.Text, { lineClamp: 3, title: entry.reason }, entry.reason),
    entry.next_step && h(ui.Text, { color: "fg.muted", lineClamp: 2, title: entry.next_step }, h(ui.Span, { "aria-hidden": true }, "\u2192 "), entry.next_step),
  );
}

function Pick({ label, isPicked, set }) {
  return h(
    ui.Checkbox.Root,
    { size: "sm", checked: isPicked, onCheckedChange: ({ checked }) => set(checked === true) },
    h(ui.Checkbox.HiddenInput, { "aria-label": label }),
    h(ui.Checkbox.Control, null, h(ui.Checkbox.Indicator)),
  );
}
