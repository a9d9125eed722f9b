"""Telling people what is new: the task of `notices__<route>`, and what is said of runs that are late."""
