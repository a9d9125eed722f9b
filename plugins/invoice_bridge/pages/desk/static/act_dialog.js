// Asks back before an act: what will happen, what it needs to know, then does it once.
import { h, ui, useEffect, useState } from "./host.js";
import { read, send } from "./api.js";
import { counted, money } from "./format.js";
import { ActInput, goTo, isMissing, startValues } from "./act_inputs.js";
import { announce } from "./live.js";
import { nameOf } from "./words.js";

// What a person fills in first, else the way back: nothing is done by a second press of Enter.
const FIRST = "[data-testid=desk-dialog] :is(input, textarea, button[type=button])";

export function ActDialog({ act, documents, close, done }) {
  const [values, setValues] = useState(() => startValues(act));
  const [error, setError] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [isSending, setSending] = useState(false);
  const [isTried, setTried] = useState(false);
  const contacts = useContacts(act, documents);
  const inputs = contacts ? act.inputs.map((input) => (input.choices?.length || input.kind !== "choice" ? input : { ...input, choices: contacts })) : act.inputs ?? [];
  const missing = inputs.filter((input) => isMissing(input, values[input.name]));

  const confirm = async (event, said = {}) => {
    event.preventDefault();
    setTried(true);
    if (missing.length > 0) return goTo(missing[0]);
    setSending(true);
    setError(null);
    setRefusal(null);
    try {
      const { results } = await send(`acts/${encodeURIComponent(act.name)}`, asked(documents, { ...values, ...said }));
      announce(results.map((result) => result.text).join(" "));
      done(results);
      const [first] = results;
      // A single refusal is told where it can be mended at once, such as by a box that was not ticked.
      if (results.length > 1 || first.done) return close();
      setRefusal(first.text);
      setSending(false);
    } catch (failed) {
      setError(failed);
      setSending(false);
    }
    return undefined;
  };

  return h(
    ui.Dialog.Root,
    { open: true, onOpenChange: ({ open }) => open || isSending || close(), initialFocusEl: () => document.querySelector(FIRST), size: "md", placement: "center", scrollBehavior: "inside" },
    h(
      ui.Portal,
      null,
      h(ui.Dialog.Backdrop),
      h(
        ui.Dialog.Positioner,
        null,
        h(
          ui.Dialog.Content,
          { as: "form", onSubmit: confirm, noValidate: true, "data-testid": "desk-dialog" },
          h(ui.Dialog.Header, null, h(ui.Dialog.Title, null, act.label)),
          h(
            ui.Dialog.Body,
            null,
            h(
              ui.Stack,
              { gap: 4 },
              h(ui.Dialog.Description, { whiteSpace: "pre-line" }, act.question),
              documents.length > 1 && h(Named, { documents }),
              inputs.filter((input) => !input.is_button).map((input) =>
                h(ActInput, { key: input.name, input, value: values[input.name], isWrong: isTried && missing.includes(input), set: (value) => setValues((before) => ({ ...before, [input.name]: value })) }),
              ),
              refusal && h(ui.Alert.Root, { status: "warning", role: "alert", "data-testid": "desk-refusal" }, h(ui.Alert.Indicator), h(ui.Alert.Description, null, refusal)),
              error && h(ui.Alert.Root, { status: "error", role: "alert" }, h(ui.Alert.Indicator), h(ui.Alert.Description, null, error.message)),
            ),
          ),
          h(
            ui.Dialog.Footer,
            { flexWrap: "wrap" },
            h(ui.Button, { variant: "outline", onClick: close, disabled: isSending }, "Cancel"),
            inputs.filter((input) => input.is_button).map((input) => h(Saying, { key: input.name, input, isSending, say: confirm })),
            h(ui.Button, { type: "submit", colorPalette: "brand", loading: isSending, loadingText: "Checking in finance" }, act.label),
          ),
        ),
      ),
    ),
  );
}

/** A button that says something more and does the act; Enter in a field never presses it. */
function Saying({ input, isSending, say }) {
  const onClick = (event) => say(event, { [input.name]: true });
  return h(ui.Button, { type: "button", variant: "outline", height: "auto", minHeight: 10, py: 1, whiteSpace: "normal", disabled: isSending, onClick, "data-says": input.name }, input.label);
}

/** What is asked of the desk; what a person saw goes along, so that nothing is done to a document that has moved. */
function asked(documents, values) {
  const seen = Object.fromEntries(documents.map((entry) => [String(entry.id), entry.seen ?? entry.state]));
  return { documents: documents.map((entry) => entry.id), inputs: values, seen };
}

function Named({ documents }) {
  return h(
    ui.Box,
    { as: "details" },
    h("summary", null, counted(documents.length, "document")),
    h(
      ui.Stack,
      { as: "ul", gap: 0, ps: 5, fontSize: "sm" },
      documents.map((entry) => h("li", { key: entry.id }, `${nameOf(entry)} \u00b7 ${entry.customer ?? ""} \u00b7 ${money(entry.total, entry.currency)}`)),
    ),
  );
}

/** The contacts among which one may be chosen, asked for once the dialog is open. */
function useContacts(act, documents) {
  const [contacts, setContacts] = useState(null);
  const id = documents[0].id;
  useEffect(() => {
    if (act.name !== "choose_contact") return;
    read(`documents/${id}/contacts`).then(
      (found) => setContacts((found.contacts ?? found).map((one) => ({ value: one.value ?? one.id, label: one.label ?? one.name }))),
      () => setContacts([]),
    );
  }, [act.name, id]);
  return contacts;
}
