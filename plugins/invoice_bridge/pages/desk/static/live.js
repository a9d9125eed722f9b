// Says to screen readers what changed on the page, in a region that is always there.
import { h, ui, useEffect, useState } from "./host.js";

let tell = null;

/** Let it be said; a result of an act is also shown. */
export function announce(text) {
  tell?.(text);
}

/** The region itself; one per page. */
export function LiveRegion() {
  const [text, setText] = useState("");
  useEffect(() => {
    tell = setText;
    return () => {
      if (tell === setText) tell = null;
    };
  }, []);
  return h(ui.VisuallyHidden, { role: "status", "aria-live": "polite", "data-testid": "desk-live" }, text);
}
