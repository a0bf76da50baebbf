"""Hourly weather in, joint table of wind direction, wind speed and stability out."""
