"""The facility graph: what one unit can do to another, and what stands between."""
