// What to show instead of data: an error with the way on, a wait, or nothing found.
import { h, ui } from "./host.js";

export function Trouble({ error, renew }) {
  return h(
    ui.Alert.Root,
    { status: "error", role: "alert" },
    h(ui.Alert.Indicator),
    h(ui.Alert.Content, null, h(ui.Alert.Title, null, "This could not be shown"), h(ui.Alert.Description, null, error.message)),
    renew && h(ui.Button, { size: "sm", variant: "outline", onClick: renew }, "Try again"),
  );
}

export function Waiting({ label = "Loading" }) {
  return h(ui.Flex, { gap: 3, p: 6, align: "center", color: "fg.muted" }, h(ui.Spinner, { size: "sm" }), label);
}

export function Nothing({ title, children }) {
  return h(
    ui.EmptyState.Root,
    null,
    h(
      ui.EmptyState.Content,
      null,
      h(ui.EmptyState.Title, null, title),
      h(ui.EmptyState.Description, { color: "fg.muted" }, children),
    ),
  );
}
