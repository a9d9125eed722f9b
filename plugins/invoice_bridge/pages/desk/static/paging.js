// Which part of the list is shown, and the way to the others.
import { h, ui } from "./host.js";
import { number } from "./format.js";

/** Where there are more than were counted, as many pages as were counted are offered. */
export function Paging({ page, size, count, hasMore, change }) {
  const last = Math.max(1, Math.ceil(count / size));
  if (last === 1) return null;
  const step = (label, to, isOff) =>
    h(ui.Button, { size: "sm", variant: "outline", disabled: isOff, onClick: () => change({ page: to === 1 ? null : to }) }, label);
  const [first, end] = [(page - 1) * size + 1, Math.min(page * size, count)];
  return h(
    ui.Flex,
    { as: "nav", "aria-label": "Pages", gap: 3, align: "center", wrap: "wrap" },
    step("Previous", page - 1, page <= 1),
    h(ui.Text, { fontSize: "sm", color: "fg.muted" }, `${number(String(first))}\u2013${number(String(end))} of ${hasMore ? "more than " : ""}${number(String(count))}`),
    step("Next", page + 1, page >= last),
  );
}
