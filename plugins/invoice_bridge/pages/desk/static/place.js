// Where in Airflow the page stands: in the menu, or as a tab of a DAG, a run or a mapped task.
import { useEffect, useState } from "./host.js";

const OF_A_ROUTE = /^(invoice_transfer|payment_status|daily_close|sales_sync|customer_sync|decisions)__(.+)$/;

/** What the place narrows the list to; `isForeign` for a DAG that has no route of ours. */
export function placeOf({ dagId, runId, taskId, mapIndex }) {
  if (!dagId) return { params: {}, fixed: [], isForeign: false, title: "Invoices", task: null };
  const route = OF_A_ROUTE.exec(dagId)?.[2];
  if (!route) return { params: {}, fixed: [], isForeign: true, title: "Invoices", task: null };
  const params = { route };
  if (runId) Object.assign(params, { run: `${dagId}/${runId}`, view: "all" });
  const isMapped = mapIndex !== undefined && Number(mapIndex) >= 0;
  const task = runId && taskId && isMapped ? { dagId, runId, taskId, mapIndex } : null;
  return { params, fixed: runId ? ["route", "view"] : ["route"], isForeign: false, title: null, task };
}

/** The number of the document that a mapped task was for: its name begins with it. Null while that is not known. */
export function useDocumentOfTask(task) {
  const address = task && taskAddress(task);
  const [found, setFound] = useState({ address: null, number: null });
  useEffect(() => {
    if (!address) return;
    fetch(new URL(address, document.baseURI), { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : {}))
      .catch(() => ({}))
      .then((told) => setFound({ address, number: (told.rendered_map_index ?? "").split(" \u00b7 ")[0] }));
  }, [address]);
  return found.address === address ? found.number : null;
}

function taskAddress({ dagId, runId, taskId, mapIndex }) {
  const [dag, run, task] = [dagId, runId, taskId].map(encodeURIComponent);
  return `api/v2/dags/${dag}/dagRuns/${run}/taskInstances/${task}/${Number(mapIndex)}`;
}
