// Maps articles to account codes: what is proposed, which documents it frees, and only then it is saved.
import { h, ui, useId, useState } from "./host.js";
import { send } from "./api.js";
import { counted, instant, money } from "./format.js";
import { announce } from "./live.js";
import { useLoaded } from "./loading.js";
import { Trouble, Waiting } from "./trouble.js";

/** The form behind its button; `saved()` is called once a mapping was saved. */
export function MappingForm({ route, saved }) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return h(OpenForm, { route, saved, close: () => setOpen(false) });
  return h(ui.Button, { size: "sm", variant: "outline", alignSelf: "flex-start", onClick: () => setOpen(true) }, "Map the articles");
}

function OpenForm({ route, saved, close }) {
  const address = `mapping/${encodeURIComponent(route)}`;
  const { data, error, renew } = useLoaded(address);
  const [codes, setCodes] = useState({});
  const [wanted, setWanted] = useState(null);
  const [preview, setPreview] = useState(null);
  const [failed, setFailed] = useState(null);
  const [isAsking, setAsking] = useState(false);
  if (!data) return error ? h(Trouble, { error, renew }) : h(Waiting, { label: "Loading the articles and the accounts" });

  const mapping = Object.fromEntries(Object.entries(codes).map(([article, code]) => [article, code.trim()]).filter(([, code]) => code));
  const ask = async (path, body, then) => {
    setAsking(true);
    setFailed(null);
    try {
      then(await send(path, body));
    } catch (trouble) {
      setFailed(trouble);
    }
    setAsking(false);
  };
  const look = (change) =>
    ask(`${address}/preview`, change, (found) => {
      setWanted({ ...change, seen: found.seen });
      setPreview(found);
      announce(found.text);
    });
  const save = () =>
    ask(address, wanted, () => {
      announce("The mapping is saved. What waited for it is tried in the next run.");
      close();
      saved();
    });
  const set = (article, code) => {
    setPreview(null);
    setCodes((before) => ({ ...before, [article]: code }));
  };
  const isWrong = preview?.problems?.length > 0;
  return h(
    ui.Stack,
    { as: "form", gap: 4, onSubmit: (event) => event.preventDefault(), "data-testid": "desk-mapping" },
    data.accounts_error && h(ui.Text, { fontSize: "sm" }, `The accounts are not known now: ${data.accounts_error}`),
    h(Accounts, { id: "desk-accounts", accounts: data.accounts ?? [] }),
    data.unmapped.map((article) => h(Article, { key: article.article, article, code: codes[article.article] ?? "", set })),
    data.unmapped.length === 0 && h(ui.Text, null, "Every article that a document waits for is mapped."),
    data.may_save && data.last_change && h(LastChange, { change: data.last_change, undo: () => look({ restore: true }) }),
    data.why_not && h(ui.Text, { fontSize: "sm" }, data.why_not),
    failed && h(Trouble, { error: failed }),
    preview && h(Freed, { preview }),
    h(
      ui.Flex,
      { gap: 2, wrap: "wrap" },
      h(
        ui.Button,
        { size: "sm", type: "submit", variant: preview ? "outline" : "solid", colorPalette: "brand", disabled: Object.keys(mapping).length === 0, loading: isAsking && !preview, loadingText: "Looking", onClick: () => look({ mapping }) },
        "Show what it frees",
      ),
      data.may_save &&
        h(
          ui.Button,
          { size: "sm", variant: preview && !isWrong ? "solid" : "outline", colorPalette: "brand", disabled: !preview || isWrong, loading: isAsking && Boolean(preview), loadingText: "Saving", onClick: save },
          "Save the mapping",
        ),
      h(ui.Button, { size: "sm", variant: "ghost", onClick: close }, "Cancel"),
    ),
  );
}

/** The accounts of finance, offered while a code is written; those that take no invoice are left out. */
function Accounts({ id, accounts }) {
  return h(
    "datalist",
    { id },
    accounts.filter((account) => !account.why_not).map((account) => h("option", { key: account.account_code, value: account.account_code, label: account.label })),
  );
}

function Article({ article, code, set }) {
  const name = article.article;
  const group = useId();
  const sums = article.sums.filter((sum) => sum.currency).map((sum) => money(sum.total, sum.currency));
  const vat = article.vat_percentages.map((rate) => `${rate} % VAT`);
  const facts = [article.descriptions.join(", "), ...vat, counted(article.documents, "document"), ...sums];
  return h(
    ui.Stack,
    { gap: 2 },
    h(
      ui.Field.Root,
      { width: "auto" },
      h(ui.Field.Label, null, `Account code of article ${name}`),
      h(ui.Input, { size: "sm", width: "14rem", value: code, maxLength: 50, list: "desk-accounts", autoComplete: "off", onChange: (event) => set(name, event.target.value) }),
      h(ui.Field.HelperText, null, facts.filter(Boolean).join(" \u00b7 ")),
    ),
    article.proposals.length > 0 &&
      h(
        ui.Flex,
        { gap: 2, wrap: "wrap", align: "center", role: "group", "aria-labelledby": group },
        h(ui.Text, { id: group, fontSize: "sm", color: "fg.muted" }, `Accounts that fit ${name}:`),
        article.proposals.map((one) =>
          h(
            ui.Button,
            { key: one.account_code, size: "xs", variant: code === one.account_code ? "surface" : "outline", "aria-pressed": code === one.account_code, title: one.why, onClick: () => set(name, one.account_code) },
            one.label,
          ),
        ),
      ),
  );
}

function LastChange({ change, undo }) {
  const words = change.changes.map((one) => `${one.article}: ${one.from ?? "none"} \u2192 ${one.to ?? "none"}`);
  return h(
    ui.Flex,
    { gap: 3, wrap: "wrap", align: "center", fontSize: "sm", color: "fg.muted" },
    h(ui.Text, { overflowWrap: "anywhere" }, `Last change: ${change.by}, ${instant(change.at)}. ${words.join(", ")}`),
    h(ui.Button, { size: "xs", variant: "outline", onClick: undo }, "Restore what was before"),
  );
}

function Freed({ preview }) {
  return h(
    ui.Stack,
    { bg: "bg.muted", borderRadius: "md", p: 3, gap: 2, "data-testid": "desk-freed" },
    preview.changes.map((one) => h(ui.Text, { key: one.article, fontSize: "sm" }, `Article ${one.article}: ${one.from ?? "no account"} \u2192 ${one.to ?? "no account"}`)),
    h(ui.Text, { fontWeight: "semibold" }, `${preview.text}.`),
    h(Labels, { labels: preview.frees.labels }),
    preview.still_held.map((held) => h(Group, { key: held.text, title: `${counted(held.documents, "document")} would still wait: ${held.text}`, labels: held.labels })),
    preview.not_known.documents > 0 && h(Group, { title: `Of ${counted(preview.not_known.documents, "document")} only the next run tells.`, labels: preview.not_known.labels }),
    preview.problems.map((problem) => h(ui.Text, { key: problem, role: "alert", color: "fg.error" }, problem)),
  );
}

const Group = ({ title, labels }) => h(ui.Box, null, h(ui.Text, { fontSize: "sm", overflowWrap: "anywhere" }, title), h(Labels, { labels }));

function Labels({ labels }) {
  if (labels.length === 0) return null;
  return h(
    ui.Stack,
    { as: "ul", gap: 0, ps: 5, fontSize: "sm", maxHeight: "12rem", overflowY: "auto", tabIndex: 0, "aria-label": "Documents" },
    labels.map((label) => h("li", { key: label }, label)),
  );
}
