"""The data of a fresh sandbox, made from a seed number, and what each document calls for."""
