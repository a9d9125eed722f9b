// Acts on many chosen documents at once: those that every one of them offers.
import { h, ui, useEffect, useState } from "./host.js";
import { read } from "./api.js";
import { ActButtons } from "./act_buttons.js";
import { counted } from "./format.js";
import { announce } from "./live.js";

const AT_ONCE = 6;

export function ManyActs({ ids, documents, clear, renew }) {
  const [results, setResults] = useState([]);
  const found = useFullEntries(ids);
  const chosen = documents.filter((entry) => ids.includes(entry.id));
  if (ids.length === 0) return h(Told, { results, close: () => setResults([]) });
  const done = (told) => {
    setResults(told);
    clear();
    renew();
  };
  const acts = found && offeredByAll(found);
  return h(
    ui.Flex,
    { gap: 3, wrap: "wrap", align: "center", p: 2, bg: "bg.muted", borderRadius: "md", role: "group", "aria-label": "Chosen documents" },
    h(ui.Text, { fontWeight: "medium" }, `${counted(ids.length, "document")} chosen`),
    acts === null && h(ui.Spinner, { size: "sm" }),
    acts?.length > 0 && h(ActButtons, { documents: found, acts, done }),
    acts?.length === 0 && h(ui.Text, { fontSize: "sm", color: "fg.muted" }, noneOffered(chosen)),
    h(ui.Button, { size: "sm", variant: "ghost", onClick: clear }, "Choose none"),
  );
}

function noneOffered(chosen) {
  if (chosen.some((entry) => entry.may_act === false)) return "You may only look at some of them.";
  return "Nothing can be done with all of them at once. Choose documents in the same state.";
}

function offeredByAll(entries) {
  const [first, ...others] = entries.map((entry) => (entry.acts ?? []).filter((act) => act.of_many));
  return (first ?? []).filter((act) => others.every((acts) => acts.some((other) => other.name === act.name)));
}

/** The documents with their acts, which the list does not have; null until all are there. */
function useFullEntries(ids) {
  const [found, setFound] = useState({ key: "", entries: null });
  const key = ids.join(",");
  useEffect(() => {
    if (key === "") return undefined;
    const stop = new AbortController();
    readAll(key.split(","), stop.signal).then(
      (entries) => setFound({ key, entries }),
      (error) => error.name === "AbortError" || announce(error.message),
    );
    return () => stop.abort();
  }, [key]);
  return found.key === key ? found.entries : null;
}

async function readAll(ids, signal) {
  const entries = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    entries.push(...(await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => read(`documents/${id}`, {}, signal)))));
  }
  return entries;
}

function Told({ results, close }) {
  if (results.length === 0) return null;
  const refused = results.filter((result) => !result.done);
  return h(
    ui.Alert.Root,
    { status: refused.length ? "warning" : "success", "data-testid": "desk-result" },
    h(ui.Alert.Indicator),
    h(
      ui.Alert.Content,
      null,
      h(ui.Alert.Title, null, `Done for ${results.length - refused.length} of ${counted(results.length, "document")}`),
      h(ui.Alert.Description, null, (refused.length ? refused : results.slice(0, 5)).map((result) => h("div", { key: result.id }, result.text))),
    ),
    h(ui.CloseButton, { size: "sm", onClick: close, "aria-label": "Close the message" }),
  );
}
