"""The payment status on its way back: the poll of finance, what it means, and the report to the source."""
