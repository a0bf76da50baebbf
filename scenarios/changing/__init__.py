"""Another park from a park: edits, scenarios, readings of its present state."""
