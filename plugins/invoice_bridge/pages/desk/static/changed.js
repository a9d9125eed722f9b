// The view "Changed in finance": what somebody changed there after the transfer, with both values.
import { h, RouterLink, ui, useLocation } from "./host.js";
import { searchWith } from "./address.js";
import { counted } from "./format.js";
import { useLoaded } from "./loading.js";
import { SidesTable } from "./sides.js";
import { Nothing, Trouble, Waiting } from "./trouble.js";
import { DocumentPanel } from "./document_panel.js";
import { kindLabel, nameOf, routeLabel } from "./words.js";

export function Changed({ asked, change, place }) {
  const { data, error, renew } = useLoaded("changed", { route: place.params.route ?? asked.filter.route });
  const { search } = useLocation();
  if (asked.document) {
    return h(DocumentPanel, { key: asked.document, id: asked.document, close: () => change({ document: null }), renewList: renew });
  }
  if (!data) return error ? h(Trouble, { error, renew }) : h(Waiting);
  const entries = Array.isArray(data) ? data : data.documents;
  if (entries.length === 0) return h(Nothing, { title: "Nothing was changed in finance after its transfer" });
  return h(
    ui.Stack,
    { gap: 4 },
    h(ui.Text, { color: "fg.muted" }, `${counted(entries.length, "document")} changed in finance after the transfer. Nothing is overwritten. Open one to say that the change is agreed or mended.`),
    entries.map((entry) =>
      h(
        ui.Stack,
        { key: entry.id, as: "section", gap: 2, borderWidth: "1px", borderRadius: "md", p: 3 },
        h(
          ui.Heading,
          { as: "h2", size: "sm" },
          h(ui.Link, { asChild: true, color: "fg.info" }, h(RouterLink, { to: { search: searchWith(search, { document: entry.id }) }, "data-opens": entry.id }, nameOf(entry))),
        ),
        h(ui.Text, { fontSize: "sm", color: "fg.muted" }, [kindLabel(entry.kind), entry.customer, routeLabel(entry.route)].filter(Boolean).join(" \u00b7 ")),
        h(SidesTable, { sides: entry.differences.map((one) => ({ ...one, differs: true })), caption: `What differs in ${nameOf(entry)}` }),
      ),
    ),
  );
}
