"""Telling people what is new, once on each channel: what there is to tell, its words, and the way out."""
