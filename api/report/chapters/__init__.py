"""Chapters of the whole-park report, one module each."""
