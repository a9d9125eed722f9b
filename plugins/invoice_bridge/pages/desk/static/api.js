// Talks to the desk's own addresses. Whoever is signed in to Airflow is signed in here.

const ROOT = "invoice-bridge/desk/api/";
const NOT_REACHED = "Airflow could not be reached. Check the network, then try again.";

/** An answer that is not the one hoped for; its message is a sentence for people. */
export class DeskError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Reads; `params` may hold lists, and what is empty is left out. */
export const read = (path, params = {}, signal = undefined) => ask(`${path}${query(params)}`, { signal });

/** Asks for an act or a preview. */
export const send = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** The parameters as they stand in an address, with `?`; nothing when there are none. */
export function query(params) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") given.append(name, String(one));
    }
  }
  const text = given.toString();
  return text ? `?${text}` : "";
}

async function ask(path, options) {
  // Airflow's base element carries the prefix that it is served below.
  const address = new URL(ROOT + path, document.baseURI);
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new DeskError(NOT_REACHED, 0);
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new DeskError(sentence(answer.status, body), answer.status);
  if (body === null) throw new DeskError("The answer could not be read. Load the page anew.", answer.status);
  return body;
}

function sentence(status, body) {
  if (typeof body?.error === "string") return body.error;
  if (status === 401) return "You are no longer signed in. Load the page anew and sign in.";
  if (status === 403) return "You may not do this. Ask an administrator of Airflow for the permission.";
  if (status === 404) return "This is not there, or you may not see it.";
  return `Airflow answered ${status}. Try again; an administrator finds the cause in the API server's log.`;
}
