"""Where in a park a project fits: its own risk, computed once, moved to every cell and judged there."""
