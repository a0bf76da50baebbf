"""The answer: risk, domino effects, grade, gate."""
