"""Pools on land and water: spreading, boiling, evaporating."""
