"""What to do about cascades: the effect of measures, the best set for a budget, what breaks a chain."""
