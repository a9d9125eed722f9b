"""HTTP as every hook needs it: one session, finite timeouts, typed errors, no write sent twice."""
