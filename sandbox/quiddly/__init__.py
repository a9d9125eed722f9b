"""Quiddly, played: invoices that are created and activated, and payments that wait to be exported."""
