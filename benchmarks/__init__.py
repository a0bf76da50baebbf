"""Timings and comparisons that are too long for tests; each module runs by itself."""
