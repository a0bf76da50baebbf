"""Cascades over the facility graph: kernels, draws, histories, chains, exact solvers, what the next run may keep."""
