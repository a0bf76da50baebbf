"""Checks over the tables of a park: whether they agree with themselves, with each other, with physics."""
