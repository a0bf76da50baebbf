"""Safety capacity: how much of the limits of risk is used up, and how much more would fit."""
