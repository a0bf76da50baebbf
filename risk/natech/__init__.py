"""Accidents that natural hazards set off: several units at once, and the cascades that follow."""
