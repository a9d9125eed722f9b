// Data that a component shows: loaded when its address changes, renewed after acts and while the page is looked at.
import { useCallback, useEffect, useRef, useState } from "./host.js";
import { query, read } from "./api.js";

const RENEWED_EVERY_MS = 60_000;

/** `{data, error, isLoading, renew}` of one address; `path` null loads nothing. What was shown stays until the next. */
export function useLoaded(path, params = {}, { isRenewed = false } = {}) {
  const address = path === null ? null : path + query(params);
  const [state, setState] = useState({ address: null, data: null, error: null });
  const [turn, setTurn] = useState(0);
  const renew = useCallback(() => setTurn((before) => before + 1), []);
  const latest = useRef(address);
  latest.current = address;

  useEffect(() => {
    if (address === null) return undefined;
    const stop = new AbortController();
    read(address, {}, stop.signal).then(
      (data) => setState({ address, data, error: null }),
      (error) => {
        if (error.name === "AbortError") return;
        setState((before) => ({ address, data: before.address === address ? before.data : null, error }));
      },
    );
    return () => stop.abort();
  }, [address, turn]);

  useEffect(() => {
    if (!isRenewed) return undefined;
    const look = () => document.visibilityState === "visible" && renew();
    const timer = setInterval(look, RENEWED_EVERY_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [isRenewed, renew]);

  return { data: state.data, error: state.error, isLoading: address !== null && state.address !== address, renew };
}
