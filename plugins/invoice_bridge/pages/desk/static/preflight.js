// The view "What keeps documents from moving": the causes on one route, what to do, and the documents of each.
import { h, RouterLink, ui } from "./host.js";
import { query } from "./api.js";
import { Choice } from "./filters.js";
import { counted, instant, money } from "./format.js";
import { useLoaded } from "./loading.js";
import { MappingForm } from "./mapping.js";
import { Nothing, Trouble, Waiting } from "./trouble.js";
import { routeLabel } from "./words.js";

const SEVERITIES = {
  stops: { label: "Nothing moves", colour: "red" },
  holds: { label: "Documents wait", colour: "orange" },
  note: { label: "To know", colour: "blue" },
};
const BY_MAPPING = "article";

export function Preflight({ asked, change, place }) {
  const listed = useLoaded("documents", { size: 1 });
  const routes = listed.data?.routes ?? [];
  const route = place.params.route ?? (asked.filter.route || routes[0]?.name);
  if (!listed.data) return listed.error ? h(Trouble, listed) : h(Waiting);
  if (!route) return h(Nothing, { title: "There is no route that you may see" });
  return h(
    ui.Stack,
    { gap: 4 },
    !place.params.route &&
      h(Choice, { label: "Route", value: route, set: (name) => change({ route: name }), choices: routes.map((one) => [one.name, routeLabel(one.name)]), alignSelf: "flex-start" }),
    h(OfRoute, { key: route, route }),
  );
}

function OfRoute({ route }) {
  const { data, error, isLoading, renew } = useLoaded(`preflight/${encodeURIComponent(route)}`);
  if (!data) return error ? h(Trouble, { error, renew }) : h(Waiting, { label: "Asking both systems. This can take a few seconds." });
  return h(
    ui.Stack,
    { gap: 4 },
    h(Runs, { data, isLoading, renew }),
    h(Lead, { data }),
    data.findings.map((finding, at) => h(Finding, { key: `${finding.cause} ${at}`, finding, route, renew })),
    data.limits?.length > 0 && h(Limits, { limits: data.limits }),
  );
}

function Lead({ data }) {
  const sums = (list) => list.filter((sum) => sum.currency).map((sum) => money(sum.total, sum.currency));
  const free = data.free?.documents > 0 && `${counted(data.free.documents, "document")} in the queue will move: ${sums(data.free.sums).join(", ")}.`;
  if (data.findings.length === 0) return h(Nothing, { title: "Nothing keeps documents from moving" }, free || null);
  const kept = data.documents > 0 && `${[counted(data.documents, "document"), ...sums(data.sums ?? [])].join(", ")} ${data.documents === 1 ? "does" : "do"} not move.`;
  return h(ui.Text, { fontSize: "lg", fontWeight: "semibold" }, [kept, free].filter(Boolean).join(" "));
}

function Runs({ data, isLoading, renew }) {
  const runs = [
    data.last_good_run && `Last good run: ${instant(data.last_good_run)}`,
    data.next_run && `Next run: ${instant(data.next_run)}`,
  ];
  return h(
    ui.Flex,
    { gap: 4, wrap: "wrap", align: "center", justify: "space-between" },
    h(ui.Text, { color: "fg.muted", fontSize: "sm" }, runs.filter(Boolean).join(" \u00b7 ")),
    h(ui.Button, { size: "sm", variant: "outline", loading: isLoading, loadingText: "Asking", onClick: renew }, "Look again"),
  );
}

function Finding({ finding, route, renew }) {
  const severity = SEVERITIES[finding.severity] ?? { label: finding.severity, colour: "gray" };
  return h(
    ui.Stack,
    { as: "section", gap: 3, borderWidth: "1px", borderInlineStartWidth: "4px", borderInlineStartColor: `${severity.colour}.solid`, borderRadius: "md", p: 4, "data-cause": finding.cause },
    h(
      ui.Flex,
      { gap: 3, wrap: "wrap", align: "baseline" },
      h(ui.Badge, { colorPalette: severity.colour, variant: "subtle" }, severity.label),
      h(ui.Heading, { as: "h2", size: "sm", flex: 1, minWidth: "16rem", overflowWrap: "anywhere" }, finding.text),
    ),
    finding.what_to_do && h(ui.Text, { overflowWrap: "anywhere" }, finding.what_to_do),
    h(
      ui.Flex,
      { gap: 4, wrap: "wrap", align: "center", fontSize: "sm" },
      finding.listed > 0 && finding.filter && h(DocumentsOf, { finding, route }),
      (finding.sums ?? []).filter((sum) => sum.currency).map((sum) => h(ui.Text, { key: sum.currency, fontVariantNumeric: "tabular-nums" }, money(sum.total, sum.currency))),
    ),
    finding.parts?.length > 1 && h(Parts, { parts: finding.parts }),
    finding.cause === BY_MAPPING && h(MappingForm, { route, saved: renew }),
  );
}

function Parts({ parts }) {
  return h(
    ui.Box,
    { as: "details", fontSize: "sm" },
    h(ui.Box, { as: "summary", cursor: "pointer" }, "Which"),
    h(
      ui.Stack,
      { as: "ul", gap: 0, ps: 5, mt: 1 },
      parts.map((part) => h("li", { key: part.name }, `${part.name}: ${counted(part.documents, "document")}`)),
    ),
  );
}

function DocumentsOf({ finding, route }) {
  const search = query({ route, ...finding.filter });
  return h(
    ui.Link,
    { asChild: true, color: "fg.info", textDecoration: "underline" },
    h(RouterLink, { to: { pathname: "/plugin/invoices", search } }, `Show ${counted(finding.listed, "document")}`),
  );
}

function Limits({ limits }) {
  return h(
    ui.Stack,
    { as: "section", gap: 1 },
    h(ui.Heading, { as: "h2", size: "sm" }, "What the connections may still be called"),
    limits.map((limit) => h(ui.Text, { key: limit.connection ?? limit.text, fontSize: "sm" }, limit.text)),
  );
}
