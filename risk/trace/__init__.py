"""Where a number comes from: from any cell of a result back to inputs, models, data rows and clauses."""
