"""Fires and what their heat reaches."""
