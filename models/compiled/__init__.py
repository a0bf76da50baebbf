"""Kernels compiled ahead of their first use, by several processes."""
