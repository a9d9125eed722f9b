// Maps articles to account codes: what is proposed, which documents it frees, and only then it is saved.
import { h, ui, useId, useState } from "./host.js";
import { send } from "./api.js";
import { counted, money } from "./format.js";
import { announce } from "./live.js";
import { useLoaded } from "./loading.js";
import { Trouble, Waiting } from "./trouble.js";
import { nameOf } from "./words.js";

export function MappingForm({ route, proposals, mayAct, saved }) {
  const [isOpen, setOpen] = useState(false);
  if (!mayAct) return null;
  if (isOpen) return h(OpenForm, { route, proposals, saved, close: () => setOpen(false) });
  return h(ui.Button, { size: "sm", variant: "outline", alignSelf: "flex-start", onClick: () => setOpen(true) }, "Map the articles");
}

function OpenForm({ route, proposals, saved, close }) {
  const address = `mapping/${encodeURIComponent(route)}`;
  const { data, error, renew } = useLoaded(address);
  const [codes, setCodes] = useState({});
  const [preview, setPreview] = useState(null);
  const [failed, setFailed] = useState(null);
  const [isAsking, setAsking] = useState(false);
  if (!data) return error ? h(Trouble, { error, renew }) : h(Waiting, { label: "Loading the articles" });

  const mapping = Object.fromEntries(Object.entries(codes).filter(([, code]) => code.trim()));
  const isNamed = Object.keys(mapping).length > 0;
  const ask = (path, then) => async () => {
    setAsking(true);
    setFailed(null);
    try {
      then(await send(path, { mapping }));
    } catch (trouble) {
      setFailed(trouble);
    }
    setAsking(false);
  };
  const look = ask(`${address}/preview`, (found) => {
    setPreview(found);
    announce(freed(found));
  });
  const save = ask(address, (answer) => {
    announce(answer.text ?? "The mapping is saved. What waited for it moves in the next run.");
    close();
    saved();
  });
  const set = (article, code) => {
    setPreview(null);
    setCodes((before) => ({ ...before, [article]: code }));
  };
  return h(
    ui.Stack,
    { as: "form", gap: 3, onSubmit: (event) => event.preventDefault(), "data-testid": "desk-mapping" },
    data.unmapped.map((article) =>
      h(Article, { key: nameOfArticle(article), article, proposals: proposalsFor(article, proposals), code: codes[nameOfArticle(article)] ?? "", set }),
    ),
    failed && h(Trouble, { error: failed }),
    preview && h(Freed, { preview }),
    h(
      ui.Flex,
      { gap: 2, wrap: "wrap" },
      h(ui.Button, { size: "sm", type: "submit", variant: preview ? "outline" : "solid", colorPalette: "brand", disabled: !isNamed, loading: isAsking && !preview, onClick: look }, "Show what it frees"),
      h(ui.Button, { size: "sm", variant: preview ? "solid" : "outline", colorPalette: "brand", disabled: !preview, loading: isAsking && Boolean(preview), onClick: save }, "Save the mapping"),
      h(ui.Button, { size: "sm", variant: "ghost", onClick: close }, "Cancel"),
    ),
  );
}

const nameOfArticle = (article) => (typeof article === "string" ? article : article.article ?? article.number ?? article.name);

function proposalsFor(article, proposals) {
  const own = typeof article === "string" ? undefined : article.proposals;
  return own ?? proposals.filter((one) => one.article === undefined || one.article === nameOfArticle(article));
}

function Article({ article, proposals, code, set }) {
  const [name, list] = [nameOfArticle(article), useId()];
  const facts = [article.descriptions?.join(", ") ?? article.description, article.documents !== undefined && counted(article.documents, "document")];
  return h(
    ui.Flex,
    { gap: 3, wrap: "wrap", align: "flex-end" },
    h(
      ui.Field.Root,
      { width: "auto" },
      h(ui.Field.Label, null, `Account code of article ${name}`),
      h(ui.Input, { size: "sm", width: "12rem", value: code, maxLength: 50, list, autoComplete: "off", onChange: (event) => set(name, event.target.value) }),
      facts.some(Boolean) && h(ui.Field.HelperText, null, facts.filter(Boolean).join(" \u00b7 ")),
    ),
    h("datalist", { id: list }, proposals.map((one) => h("option", { key: one.account_code, value: one.account_code, label: one.label }))),
    h(
      ui.Flex,
      { gap: 2, wrap: "wrap", role: "group", "aria-label": `Accounts that fit article ${name}` },
      proposals.map((one) =>
        h(
          ui.Button,
          { key: one.account_code, size: "xs", variant: code === one.account_code ? "surface" : "outline", "aria-pressed": code === one.account_code, title: one.why, onClick: () => set(name, one.account_code) },
          one.label?.includes(one.account_code) ? one.label : `${one.account_code} ${one.label ?? ""}`,
        ),
      ),
    ),
  );
}

function freed(preview) {
  const count = preview.count ?? preview.documents?.length ?? 0;
  const sums = (preview.sums ?? []).filter((sum) => sum.currency).map((sum) => money(sum.total, sum.currency));
  return count === 0 ? "It frees no document yet." : `It frees ${counted(count, "document")}: ${sums.join(", ")}.`;
}

function Freed({ preview }) {
  const documents = Array.isArray(preview.documents) ? preview.documents : [];
  return h(
    ui.Box,
    { bg: "bg.muted", borderRadius: "md", p: 3, "data-testid": "desk-freed" },
    h(ui.Text, { fontWeight: "semibold" }, freed(preview)),
    h(
      ui.Stack,
      { as: "ul", gap: 0, ps: 5, fontSize: "sm", maxHeight: "12rem", overflowY: "auto" },
      documents.slice(0, 50).map((entry, at) =>
        h("li", { key: entry.id ?? at }, [entry.label ?? nameOf(entry), entry.label ? null : entry.customer, entry.label ? null : money(entry.total, entry.currency)].filter(Boolean).join(" \u00b7 ")),
      ),
    ),
    (preview.problems ?? preview.still ?? []).map((text, at) => h(ui.Text, { key: at, fontSize: "sm" }, typeof text === "string" ? text : text.text)),
  );
}
