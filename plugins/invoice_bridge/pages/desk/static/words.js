// The words for states and kinds, and the colour that goes with each; never the colour alone.

const STATES = {
  "in doubt": { label: "In doubt", colour: "orange", means: "It may be in finance already. A person has to look." },
  held: { label: "Held", colour: "yellow", means: "It waits for a mapping, a setting or a decision." },
  rejected: { label: "Rejected", colour: "red", means: "Its author has to mend it, and was told." },
  seen: { label: "Waiting", colour: "blue", means: "It is known and will be sent." },
  working: { label: "Being booked", colour: "cyan", means: "It is on its way into finance." },
  booked: { label: "Booked", colour: "purple", means: "Finance has it; its source is not told yet." },
  transferred: { label: "Transferred", colour: "green", means: "Finance has it, and its source was told." },
};
const SYSTEMS = { qondor: "Qondor", ixpole: "iXpole", xero: "Xero", quiddly: "Quiddly" };

export const STATE_NAMES = Object.keys(STATES);
export const KIND_NAMES = ["customer offer invoice", "customer form invoice", "booking invoice", "card payment", "credit note", "instalment"];

export const stateLabel = (state) => STATES[state]?.label ?? spoken(state);
export const stateColour = (state) => STATES[state]?.colour ?? "gray";
export const stateMeaning = (state) => STATES[state]?.means ?? "";
export const kindLabel = (kind) => spoken(kind);
export const systemLabel = (system) => SYSTEMS[system] ?? spoken(system);

/** `qondor_xero` as `Qondor → Xero`; a route of another name as it is. */
export function routeLabel(route) {
  const [source, finance, ...more] = (route ?? "").split("_");
  const isPlain = more.length === 0 && source in SYSTEMS && finance in SYSTEMS;
  return isPlain ? `${SYSTEMS[source]} \u2192 ${SYSTEMS[finance]}` : (route ?? "");
}

/** What to call a document that has no number yet. */
export const nameOf = (entry) => entry.number || `Id ${entry.ref?.split(":").at(-1) ?? entry.id}`;

/** `credit_note` as `Credit note`. */
export function spoken(name) {
  return capital(String(name ?? "").replaceAll("_", " "));
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
