"""Qondor, played: the invoicing queue and the customer register."""
