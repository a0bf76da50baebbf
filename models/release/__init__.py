"""From what is inside to what is outside: flow, time, jet, drops."""
