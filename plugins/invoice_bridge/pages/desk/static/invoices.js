// The page "Invoices", which Airflow loads for its menu and for the tabs of DAGs, runs and tasks.
import { h, RouterLink, ui, useEffect, useNavigate } from "./host.js";
import { useAddress } from "./address.js";
import { Changed } from "./changed.js";
import { Documents } from "./documents.js";
import { LiveRegion } from "./live.js";
import { placeOf } from "./place.js";
import { Preflight } from "./preflight.js";

const TABS = { documents: "Documents", preflight: "What keeps documents from moving", changed: "Changed in finance" };

function Invoices(props) {
  useSettledPlace();
  const place = placeOf(props);
  const [asked, change] = useAddress();
  if (place.isForeign) return h(Foreign);
  const isWhole = !props.runId;
  return h(
    ui.Stack,
    { as: "section", "aria-label": "Invoices", gap: 4, p: { base: 2, md: 4 }, position: "relative", height: "100%", overflowY: "auto", overflowX: "hidden" },
    place.title && h(ui.Heading, { as: "h1", size: "xl" }, place.title),
    isWhole && h(Views, { shown: asked.show, change }),
    !isWhole || asked.show === "documents" ? h(Documents, { asked, change, place }) : null,
    isWhole && asked.show === "preflight" && h(Preflight, { asked, change, place }),
    isWhole && asked.show === "changed" && h(Changed, { asked, change, place }),
    h(LiveRegion),
  );
}

function Views({ shown, change }) {
  return h(
    ui.Flex,
    { as: "nav", "aria-label": "Views of the invoices", gap: 1, wrap: "wrap", borderBottomWidth: "1px" },
    Object.entries(TABS).map(([name, label]) =>
      h(
        ui.Button,
        {
          key: name,
          variant: "ghost",
          size: "sm",
          borderRadius: 0,
          height: "auto",
          minHeight: 9,
          py: 1,
          textAlign: "start",
          whiteSpace: "normal",
          flexShrink: 1,
          maxWidth: "full",
          borderWidth: 0,
          borderBottomWidth: "3px",
          borderBottomColor: shown === name ? "brand.solid" : "transparent",
          "aria-current": shown === name ? "page" : undefined,
          onClick: () => change({ show: name === "documents" ? null : name, document: null }),
        },
        label,
      ),
    ),
  );
}

function Foreign() {
  return h(
    ui.Box,
    { p: 4 },
    h(ui.Text, null, "This DAG belongs to no route of Invoice Bridge, so it moves no documents."),
    h(ui.Link, { asChild: true, color: "fg.info" }, h(RouterLink, { to: "/plugin/invoices" }, "All invoices")),
  );
}

let isSettled = false;

/** Airflow mounts a plugin anew at the first change of the address after it was loaded; let that be now, unseen. */
function useSettledPlace() {
  const navigate = useNavigate();
  useEffect(() => {
    if (isSettled) return;
    isSettled = true;
    navigate({ search: globalThis.location.search, hash: globalThis.location.hash }, { replace: true });
  }, [navigate]);
}

globalThis.Invoices = Invoices;
globalThis.AirflowPlugin = Invoices;
