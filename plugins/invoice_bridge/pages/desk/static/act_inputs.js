// What an act needs to know from the person, one input each.
import { h, ui } from "./host.js";

/** What the inputs hold at first. */
export const startValues = (act) => Object.fromEntries((act.inputs ?? []).map((input) => [input.name, input.value ?? (input.kind === "flag" ? false : "")]));

/** Whether a person still has to say it. */
export const isMissing = (input, value) => Boolean(input.required) && (input.kind === "flag" ? value !== true : String(value ?? "").trim() === "");

/** One input with its label; `data-input` names it, so that what is missing can be gone to. */
export function ActInput({ input, value, set, isWrong }) {
  const kinds = { flag: Flag, choice: input.choices?.length ? OneOf : Written };
  return h(ui.Box, { "data-input": input.name }, h(kinds[input.kind] ?? Written, { input, value, set, isWrong }));
}

/** Goes to the input that a person has to fill in. */
export const goTo = (input) => document.querySelector(`[data-input="${CSS.escape(input.name)}"] :is(input, textarea)`)?.focus();

function Written({ input, value, set, isWrong }) {
  const isReason = input.kind === "reason";
  return h(
    ui.Field.Root,
    { required: input.required, invalid: isWrong },
    h(ui.Field.Label, null, input.label, h(ui.Field.RequiredIndicator)),
    h(isReason ? ui.Textarea : ui.Input, {
      value: value ?? "",
      maxLength: isReason ? 500 : 200,
      rows: isReason ? 3 : undefined,
      onChange: (event) => set(event.target.value),
    }),
    isReason && h(ui.Field.HelperText, null, "It is written into the document\u2019s history, with your name."),
    h(ui.Field.ErrorText, null, `Fill in: ${input.label}.`),
  );
}

function Flag({ input, value, set, isWrong }) {
  return h(
    ui.Checkbox.Root,
    { checked: value === true, invalid: isWrong, onCheckedChange: ({ checked }) => set(checked === true) },
    h(ui.Checkbox.HiddenInput),
    h(ui.Checkbox.Control, null, h(ui.Checkbox.Indicator)),
    h(ui.Checkbox.Label, null, input.label),
  );
}

function OneOf({ input, value, set, isWrong }) {
  return h(
    ui.RadioGroup.Root,
    { value: value || null, onValueChange: (change) => set(change.value), "aria-required": input.required },
    h(ui.RadioGroup.Label, null, input.label),
    isWrong && h(ui.Text, { color: "fg.error", fontSize: "sm", role: "alert" }, "Choose one."),
    h(
      ui.Stack,
      { gap: 2, mt: 1 },
      input.choices.map((choice) =>
        h(
          ui.RadioGroup.Item,
          { key: choice.value, value: String(choice.value) },
          h(ui.RadioGroup.ItemHiddenInput),
          h(ui.RadioGroup.ItemIndicator),
          h(ui.RadioGroup.ItemText, null, choice.label),
        ),
      ),
    ),
  );
}
