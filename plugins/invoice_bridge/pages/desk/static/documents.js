// The view "Documents": counts, filters, the list, and the document that is chosen.
import { h, ui, useCallback, useEffect, useRef, useState } from "./host.js";
import { isNarrowed, unnarrowed } from "./address.js";
import { Counts, Sums, found } from "./counts.js";
import { DocumentPanel } from "./document_panel.js";
import { Filters } from "./filters.js";
import { FIRST_ORDER, List } from "./list.js";
import { announce } from "./live.js";
import { useLoaded } from "./loading.js";
import { ManyActs } from "./many_acts.js";
import { Paging } from "./paging.js";
import { useDocumentOfTask } from "./place.js";
import { Nothing, Trouble, Waiting } from "./trouble.js";

/** `place` is what the tab's DAG, run or task narrows the list to. */
export function Documents({ asked, change, place }) {
  const { filter, document: chosen } = asked;
  const [picked, setPicked] = useState(() => new Set());
  const ofTask = useDocumentOfTask(place.task);
  const params = { ...FIRST_ORDER, ...given(filter), ...narrowedTo(place, ofTask) };
  const isKnown = place.task === null || ofTask !== null;
  const { data, error, isLoading, renew } = useLoaded(isKnown ? "documents" : null, params, { isRenewed: true });
  const isBeside = ui.useBreakpointValue({ base: false, xl: true }, { ssr: false });
  const pick = useCallback((ids, isPicked) => {
    setPicked((before) => {
      const after = new Set(before);
      for (const id of ids) isPicked ? after.add(id) : after.delete(id);
      return after;
    });
  }, []);
  useSaid(data, isLoading);
  const close = useReturningFocus(chosen, change);

  if (!data) return error ? h(Trouble, { error, renew }) : h(Waiting, { label: "Loading the documents" });
  const rest = [...picked].filter((id) => data.documents.some((entry) => entry.id === id));
  const panel = chosen && h(DocumentPanel, { key: chosen, id: chosen, close, renewList: renew });
  const list = h(
    ui.Stack,
    { gap: 3, minWidth: 0, flex: 1 },
    error && h(Trouble, { error, renew }),
    h(ManyActs, { ids: rest, documents: data.documents, clear: () => setPicked(new Set()), renew }),
    data.documents.length === 0
      ? h(Empty, { filter, change })
      : h(List, { documents: data.documents, filter, change, chosen, picked, pick, isNarrow: Boolean(chosen) }),
    h(Paging, { page: data.page, size: data.size, count: data.count, hasMore: data.has_more, change }),
  );
  if (chosen && !isBeside) return panel;
  return h(
    ui.Stack,
    { gap: 4 },
    h(
      ui.Flex,
      { gap: 4, wrap: "wrap", align: "center", justify: "space-between" },
      h(Counts, { states: data.states, moreOf: data.more_of, chosen: filter.state, choose: (state) => change({ state }) }),
      h(SinceYesterday, { since: data.since_yesterday }),
    ),
    h(Filters, { filter, change, routes: data.routes, offices: data.offices, reasons: data.reasons ?? [], fixed: place.fixed }),
    h(Sums, { sums: data.sums, count: data.count, hasMore: data.has_more }),
    chosen ? h(ui.Flex, { gap: 4, align: "flex-start" }, h(ui.Box, { width: "34%", minWidth: "20rem" }, list), h(Beside, null, panel)) : list,
  );
}

function Beside({ children }) {
  return h(ui.Box, { flex: 1, minWidth: 0, position: "sticky", top: 0, maxHeight: "calc(100vh - 2rem)", overflowY: "auto" }, children);
}

/** What the place narrows the list to; a task's document is found by its number, whichever run dealt with it last. */
function narrowedTo(place, ofTask) {
  if (!place.task || !ofTask) return place.params;
  const { run: _, ...params } = place.params;
  return { ...params, text: ofTask };
}

function given(filter) {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value.length > 0));
}

/** Once a list has come, how long it is; not again when the same list is renewed. */
function useSaid(data, isLoading) {
  const [count, hasMore] = [data?.count, data?.has_more];
  useEffect(() => {
    if (!isLoading && count !== undefined) announce(`${found(count, hasMore)} found.`);
  }, [count, hasMore, isLoading]);
}

/** Closes the panel; the focus goes back to the link that opened it. */
function useReturningFocus(chosen, change) {
  const before = useRef(chosen);
  useEffect(() => {
    const left = before.current;
    before.current = chosen;
    if (left && !chosen) document.querySelector(`[data-opens="${CSS.escape(left)}"]`)?.focus();
  }, [chosen]);
  return useCallback(() => change({ document: null }), [change]);
}

function SinceYesterday({ since }) {
  if (!since || (!since.opened && !since.closed)) return null;
  return h(ui.Text, { fontSize: "sm", color: "fg.muted" }, `Since yesterday: ${since.opened} opened, ${since.closed} closed`);
}

function Empty({ filter, change }) {
  if (isNarrowed(filter) || filter.page) {
    return h(
      Nothing,
      { title: "No document fits the filter" },
      h(ui.Button, { size: "sm", variant: "outline", mt: 2, onClick: () => change(unnarrowed()) }, "Clear filters"),
    );
  }
  return h(Nothing, { title: "Nothing is open" }, "Every document is where it belongs. Choose \u201cAll\u201d to see those that were moved.");
}
