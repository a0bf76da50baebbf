"""Monitoring state: what present readings make of the static picture, kept apart from it."""
