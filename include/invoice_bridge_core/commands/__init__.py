"""What `airflow invoice-bridge …` does: each function takes an open ledger and returns the text to print."""
