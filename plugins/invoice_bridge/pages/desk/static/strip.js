// The strip on Airflow's home: what is open, by state, each a link to the page.
import { h, RouterLink, ui } from "./host.js";
import { counted, money } from "./format.js";
import { useLoaded } from "./loading.js";
import { STATE_NAMES, stateColour, stateLabel } from "./words.js";

const PAGE = "/plugin/invoices";

function InvoicesStrip() {
  const { data, error } = useLoaded("strip", {}, { isRenewed: true });
  // Those who may see no document see no strip; an error here must not spoil Airflow's home.
  if (!data && (error?.status === 403 || error?.status === 404 || error === null)) return null;
  return h(
    ui.Box,
    { as: "section", "aria-labelledby": "desk-strip", borderWidth: "1px", borderRadius: "md", p: 4, order: 2, width: "full", "data-testid": "desk-strip" },
    h(
      ui.Flex,
      { gap: 4, wrap: "wrap", align: "center" },
      h(ui.Heading, { as: "h2", id: "desk-strip", size: "md" }, h(ui.Link, { asChild: true }, h(RouterLink, { to: PAGE }, "Invoices"))),
      data ? h(Open, { data }) : h(ui.Text, { color: "fg.muted" }, error.message),
    ),
  );
}

function Open({ data }) {
  if (!data.open) return h(ui.Text, { color: "fg.muted" }, "Nothing is open.");
  const states = STATE_NAMES.filter((state) => data.states[state]);
  return h(
    ui.Flex,
    { gap: 3, wrap: "wrap", align: "center" },
    states.map((state) =>
      h(
        ui.Button,
        { key: state, asChild: true, size: "sm", variant: "outline", colorPalette: stateColour(state), color: "fg" },
        h(RouterLink, { to: `${PAGE}?state=${encodeURIComponent(state)}` }, stateLabel(state), h(ui.Badge, { colorPalette: stateColour(state) }, data.states[state])),
      ),
    ),
    data.guarded > 0 && h(ui.Text, { fontSize: "sm" }, `${counted(data.guarded, "rejection")} held back until a person confirms.`),
    h(
      ui.Text,
      { color: "fg.muted", fontSize: "sm" },
      `${counted(data.open, "document")} open: ${data.sums.filter((sum) => sum.currency).map((sum) => money(sum.total, sum.currency)).join(", ")}`,
    ),
  );
}

globalThis["Invoices strip"] = InvoicesStrip;
globalThis.AirflowPlugin = InvoicesStrip;
