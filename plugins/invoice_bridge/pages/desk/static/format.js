// Dates, instants and amounts in the language of the browser, or of Airflow where the two differ.

/** Airflow's language; its regional form, and another language beside Airflow's English, are the browser's. */
export function language() {
  const airflow = document.documentElement.lang || "en";
  const browser = navigator.language || airflow;
  const isSame = browser.split("-")[0] === airflow.split("-")[0];
  const chosen = isSame || airflow === "en" ? browser : airflow;
  return Intl.NumberFormat.supportedLocalesOf([chosen])[0] ?? "en-GB";
}

/** `84300.00` as `84 300,00 SEK`; the digits are those that were sent, never rounded. */
export function money(total, currency) {
  if (total === null || total === undefined || total === "") return "";
  return [number(String(total), digitsOf(currency)), currency].filter(Boolean).join("\u00a0");
}

/** A number in digits, grouped as the language groups, with at least so many decimals; anything else as it is. */
export function number(text, decimals = 0) {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!parts) return text;
  const [, sign, whole] = parts;
  const fraction = (parts[3] ?? "").padEnd(decimals, "0");
  const grouped = new Intl.NumberFormat(language()).format(BigInt(whole));
  const point = new Intl.NumberFormat(language()).formatToParts(1.5).find((part) => part.type === "decimal").value;
  return `${sign ? "\u2212" : ""}${grouped}${fraction ? point + fraction : ""}`;
}

/** A date without a time, `2026-11-30`: it is the same day everywhere. */
export function date(iso) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso ?? "");
  if (!parts) return iso ?? "";
  const day = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])));
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeZone: "UTC" }).format(day);
}

/** An instant, in the time zone that is chosen in Airflow. */
export function instant(iso) {
  const at = new Date(iso ?? "");
  if (Number.isNaN(at.getTime())) return iso ?? "";
  const form = { dateStyle: "medium", timeStyle: "short" };
  try {
    return new Intl.DateTimeFormat(language(), { ...form, timeZone: zone() }).format(at);
  } catch {
    return new Intl.DateTimeFormat(language(), form).format(at);
  }
}

/** How long ago: `3 days`, `2 hours`, `5 minutes`. */
export function age(iso, now = Date.now()) {
  const minutes = Math.floor((now - new Date(iso ?? "").getTime()) / 60_000);
  if (Number.isNaN(minutes)) return "";
  if (minutes < 60) return counted(Math.max(minutes, 0), "minute");
  if (minutes < 48 * 60) return counted(Math.floor(minutes / 60), "hour");
  return counted(Math.floor(minutes / (24 * 60)), "day");
}

/** `1 document`, `2 documents`; `many` where the plural is another word. */
export function counted(count, one, many = `${one}s`) {
  return `${number(String(count))} ${count === 1 ? one : many}`;
}

function digitsOf(currency) {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().minimumFractionDigits;
  } catch {
    return 0;
  }
}

function zone() {
  try {
    return JSON.parse(localStorage.getItem("timezone")) ?? undefined;
  } catch {
    return localStorage.getItem("timezone") ?? undefined;
  }
}
