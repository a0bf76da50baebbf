"""Cascades without luck: every way they can go, exactly, and rare failures by weighing the ways that lead to them."""
