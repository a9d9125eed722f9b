// The filters above the list. What is written is asked for after a short rest, and stands in the address.
import { h, ui, useEffect, useRef, useState } from "./host.js";
import { isNarrowed, unnarrowed } from "./address.js";
import { KIND_NAMES, kindLabel, routeLabel } from "./words.js";

const REST_MS = 400;
const AGES = [
  ["24", "a day or longer"],
  ["72", "3 days or longer"],
  ["168", "a week or longer"],
  ["720", "a month or longer"],
];
const SCOPES = [
  ["", "Open"],
  ["all", "All"],
  ["aside", "Put aside"],
];

const MORE = ["route", "office", "kind", "older_than", "since", "until"];

/** All filters; `fixed` names those that the place of the page decides. */
export function Filters({ filter, change, routes, offices, reasons = [], fixed = [] }) {
  const routeChoices = routes.map((route) => [route.name, routeLabel(route.name)]);
  const officeChoices = offices.map((office) => [String(office.id ?? office), String(office.name ?? office)]);
  const shown = (name) => !fixed.includes(name);
  const set = (name) => (value) => change({ [name]: value });
  const isWide = ui.useBreakpointValue({ base: false, md: true }, { ssr: false });
  const more = [
    shown("route") && h(Choice, { key: "route", label: "Route", value: filter.route, set: set("route"), choices: routeChoices, all: "All routes" }),
    officeChoices.length > 0 && h(Choice, { key: "office", label: "Office", value: filter.office, set: set("office"), choices: officeChoices, all: "All offices" }),
    h(Choice, { key: "kind", label: "Kind", value: filter.kind, set: set("kind"), choices: KIND_NAMES.map((kind) => [kind, kindLabel(kind)]), all: "All kinds" }),
    h(ReasonFilter, { key: "reason", chosen: filter.reason ?? [], reasons, change }),
    h(Choice, { key: "age", label: "In its state for", value: filter.older_than, set: set("older_than"), choices: AGES, all: "any time" }),
    h(DateFilter, { key: "since", label: "Dated from", value: filter.since, set: set("since") }),
    h(DateFilter, { key: "until", label: "Dated before", value: filter.until, set: set("until") }),
  ];
  return h(
    ui.Flex,
    { as: "form", role: "search", "aria-label": "Filter documents", gap: 2, wrap: "wrap", align: "flex-end", onSubmit: (event) => event.preventDefault() },
    h(TextFilter, { value: filter.text, set: (text) => change({ text }, { isStep: filter.text === "" }) }),
    shown("view") && h(Choice, { label: "Show", value: filter.view, set: set("view"), choices: SCOPES }),
    isWide ? more : h(Folded, { isOpen: MORE.some((name) => filter[name]) }, more),
    isNarrowed(filter) && h(ui.Button, { variant: "ghost", size: "sm", onClick: () => change(unnarrowed()) }, "Clear filters"),
  );
}

/** Where there is little room, most filters wait behind a word. */
function Folded({ isOpen, children }) {
  return h(
    ui.Box,
    { as: "details", open: isOpen || undefined, width: "full" },
    h(ui.Box, { as: "summary", cursor: "pointer", fontSize: "sm", py: 1 }, "More filters"),
    h(ui.Flex, { gap: 3, wrap: "wrap", mt: 2 }, children),
  );
}

function Labelled({ label, children, ...more }) {
  return h(ui.Field.Root, { width: "auto", gap: 1, ...more }, h(ui.Field.Label, { fontSize: "xs", color: "fg.muted" }, label), children);
}

/** A choice among some, with the word for no choice. */
export function Choice({ label, value, set, choices, all, ...more }) {
  const options = all === undefined ? choices : [["", all], ...choices];
  // A value that came with the address stays visible, even where nobody offers it.
  const known = options.some(([one]) => one === value) ? options : [...options, [value, value]];
  return h(
    Labelled,
    { label, ...more },
    h(
      ui.NativeSelect.Root,
      { size: "sm", width: "auto" },
      h(
        ui.NativeSelect.Field,
        { value, onChange: (event) => set(event.target.value) },
        known.map(([one, name]) => h("option", { key: one, value: one }, name)),
      ),
      h(ui.NativeSelect.Indicator),
    ),
  );
}

/** The cause; what a link of a notice or a finding names stays chosen as a whole. */
function ReasonFilter({ chosen, reasons, change }) {
  const value = chosen.join(" ");
  const choices = reasons.map((reason) => [reason.value, reason.label]);
  const isLinked = value !== "" && !choices.some(([one]) => one === value);
  const set = (picked) => picked !== value && change({ reason: picked });
  return h(Choice, { label: "Reason", value, set, choices: isLinked ? [...choices, [value, "as in the link"]] : choices, all: "All reasons" });
}

function DateFilter({ label, value, set }) {
  return h(
    Labelled,
    { label },
    h(ui.Input, { type: "date", size: "sm", width: "auto", value, onChange: (event) => set(event.target.value) }),
  );
}

function TextFilter({ value, set }) {
  const [text, setText] = useState(value);
  const asked = useRef(value);
  useEffect(() => {
    // The address changed by itself: back, or a link.
    if (value !== asked.current) setText(value);
    asked.current = value;
  }, [value]);
  useEffect(() => {
    if (text === asked.current) return undefined;
    const timer = setTimeout(() => {
      asked.current = text;
      set(text);
    }, REST_MS);
    return () => clearTimeout(timer);
  });
  return h(
    Labelled,
    { label: "Number or customer", flexGrow: { base: 1, md: 0 } },
    h(ui.Input, { type: "search", size: "sm", minWidth: { base: "100%", md: "14rem" }, value: text, maxLength: 200, onChange: (event) => setText(event.target.value) }),
  );
}
