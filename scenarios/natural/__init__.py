"""Natural hazards of a park: earthquakes and lightning that fail several units at once."""
