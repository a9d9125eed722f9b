// One document: in words first, then both sides, lines, history, payments and steps; technical detail is folded.
import { h, ui, useCallback, useEffect, useRef, useState } from "./host.js";
import { ActButtons } from "./act_buttons.js";
import { age, date, instant, money } from "./format.js";
import { DocumentLinks } from "./links.js";
import { useLoaded } from "./loading.js";
import { History, Papers, Payments, Technical } from "./particulars.js";
import { SidesNow, SidesTable } from "./sides.js";
import { StateBadge } from "./state_badge.js";
import { Trouble, Waiting } from "./trouble.js";
import { kindLabel, nameOf, routeLabel, stateMeaning } from "./words.js";

export function DocumentPanel({ id, close, renewList }) {
  const { data, error, isLoading, renew } = useLoaded(`documents/${encodeURIComponent(id)}`);
  const [results, setResults] = useState([]);
  const heading = useRef(null);
  const isThere = Boolean(data ?? error);
  // Once what was asked for is there, and not again when it is renewed.
  useEffect(() => {
    if (isThere) heading.current?.focus();
  }, [isThere]);
  const done = useCallback(
    (told) => {
      setResults(told);
      renew();
      renewList();
    },
    [renew, renewList],
  );
  const onKeyDown = (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  };
  return h(
    ui.Box,
    { as: "section", "aria-labelledby": "desk-document", borderWidth: "1px", borderRadius: "md", p: { base: 3, md: 4 }, onKeyDown, "data-testid": "desk-document" },
    h(
      ui.Flex,
      { justify: "space-between", align: "flex-start", gap: 3 },
      h(
        ui.Heading,
        { as: "h2", id: "desk-document", size: "lg", ref: heading, tabIndex: -1, overflowWrap: "anywhere", _focusVisible: { outline: "2px solid", outlineColor: "border.emphasized" } },
        data ? nameOf(data) : "Document",
      ),
      h(ui.Button, { size: "sm", variant: "outline", onClick: close }, "Close", h(ui.VisuallyHidden, null, " the document")),
    ),
    error && h(Trouble, { error, renew }),
    !data && !error && h(Waiting, { label: "Loading the document" }),
    data && h(Particulars, { entry: data, results, done, isStale: isLoading }),
  );
}

function Particulars({ entry, results, done }) {
  return h(
    ui.Stack,
    { gap: 5, mt: 2 },
    h(InWords, { entry }),
    h(Results, { results }),
    h(ActButtons, { documents: [entry], acts: entry.acts ?? [], done }),
    h(DocumentLinks, { entry, fontSize: "sm" }),
    h(SidesNow, { entry }),
    h(ChangedSince, { changes: entry.changed_in_finance }),
    h(Payments, { payments: entry.payments }),
    h(History, { history: entry.history }),
    h(Papers, { papers: entry.papers }),
    h(Technical, { entry }),
  );
}

function InWords({ entry }) {
  const facts = [kindLabel(entry.kind), entry.customer, date(entry.date), routeLabel(entry.route), entry.office && `office ${entry.office}`];
  return h(
    ui.Stack,
    { gap: 2 },
    h(
      ui.Flex,
      { gap: 3, wrap: "wrap", align: "center" },
      h(StateBadge, { state: entry.state, size: "lg" }),
      entry.is_aside && h(ui.Badge, { variant: "outline" }, "Put aside"),
      h(ui.Text, { fontSize: "xl", fontWeight: "semibold", fontVariantNumeric: "tabular-nums" }, money(entry.total, entry.currency)),
      h(ui.Text, { color: "fg.muted", fontSize: "sm", title: instant(entry.since) }, `for ${age(entry.since)}`),
    ),
    h(ui.Text, { color: "fg.muted", overflowWrap: "anywhere" }, facts.filter(Boolean).join(" \u00b7 ")),
    h(
      ui.Stack,
      { gap: 1, overflowWrap: "anywhere", whiteSpace: "pre-line" },
      h(ui.Heading, { as: "h3", size: "sm" }, "What happened"),
      h(ui.Text, null, entry.reason || entry.words || stateMeaning(entry.state)),
      entry.aside && h(ui.Text, { color: "fg.muted" }, aside(entry.aside)),
      entry.next_step && h(ui.Heading, { as: "h3", size: "sm", mt: 1 }, "What to do"),
      entry.next_step && h(ui.Text, null, entry.next_step),
    ),
  );
}

const aside = ({ by, at, reason }) => [`Put aside by ${by}, ${instant(at)}`, reason].filter(Boolean).join(": ");

function ChangedSince({ changes }) {
  if (!changes?.length) return null;
  return h(
    ui.Stack,
    { gap: 2 },
    h(ui.Heading, { as: "h3", size: "sm" }, "Changed in finance after the transfer"),
    h(SidesTable, { sides: changes.map((one) => ({ ...one, differs: true })), caption: "What was changed in finance" }),
  );
}

/** What acts have led to, each with its reason. */
export function Results({ results }) {
  return results.map((result) =>
    h(
      ui.Alert.Root,
      { key: result.id, status: result.done ? "success" : "warning", "data-testid": "desk-result" },
      h(ui.Alert.Indicator),
      h(ui.Alert.Content, null, h(ui.Alert.Description, null, result.text)),
    ),
  );
}
