"""How cascades are played over the facility graph: draws, histories, logs, and what the next run may keep."""
