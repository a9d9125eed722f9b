// Addresses come from the ledger and the systems, so only web addresses and paths of this Airflow are followed.

/** The address, if a person may be sent there; else null. */
export function safeAddress(address) {
  if (typeof address !== "string" || address === "") return null;
  try {
    const found = new URL(address, document.baseURI);
    return ["http:", "https:"].includes(found.protocol) ? found.href : null;
  } catch {
    return null;
  }
}
