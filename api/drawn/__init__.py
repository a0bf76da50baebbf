"""Figures: maps and diagrams, SVG and PNG."""
