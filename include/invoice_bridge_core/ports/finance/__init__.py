"""A finance system, one file per capability.

`system.FinanceSystem` says which of them every finance system has, and which are `None` where one has not got them.
"""
