// The filter stands in the page's address: it can be sent to a colleague, and the browser's back goes one step back.
import { useCallback, useMemo, useSearchParams } from "./host.js";

export const VIEWS = ["documents", "preflight", "changed"];
const FILTERS = ["route", "office", "kind", "text", "since", "until", "older_than", "view", "sort", "order", "page", "size"];
const NARROWING = ["state", "reason", "route", "office", "kind", "text", "since", "until", "older_than"];

/** `[asked, change]`: what the address asks for, and how to ask for something else. */
export function useAddress() {
  const [params, setParams] = useSearchParams();
  const asked = useMemo(() => parsed(params), [params]);
  const change = useCallback(
    (changes, { isStep = true } = {}) => setParams((before) => changed(before, changes), { replace: !isStep }),
    [setParams],
  );
  return [asked, change];
}

/** The address of this page with something else asked for, for links. */
export function searchWith(search, changes) {
  const text = changed(new URLSearchParams(search), changes).toString();
  return text ? `?${text}` : "";
}

/** Whether anything narrows the list. */
export const isNarrowed = (filter) => NARROWING.some((name) => filter[name]?.length);

/** What takes every narrowing away. */
export const unnarrowed = () => Object.fromEntries([...NARROWING, "view", "page"].map((name) => [name, null]));

function parsed(params) {
  const filter = Object.fromEntries(FILTERS.map((name) => [name, params.get(name) ?? ""]));
  filter.state = params.getAll("state");
  filter.reason = params.getAll("reason");
  const shown = params.get("show");
  return { filter, document: params.get("document"), show: VIEWS.includes(shown) ? shown : "documents" };
}

function changed(before, changes) {
  const after = new URLSearchParams(before);
  // Another filter begins at its first page.
  if (Object.keys(changes).some((name) => name !== "document" && name !== "page")) after.delete("page");
  for (const [name, value] of Object.entries(changes)) {
    after.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") after.append(name, String(one));
    }
  }
  return after;
}
