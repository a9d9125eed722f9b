"""Reads what people write: texts, numbers, dates, e-mail addresses and countries, one file for each."""
