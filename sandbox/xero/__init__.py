"""Xero, played: identity, contacts, invoices, credit notes, payments, items and reference data."""
