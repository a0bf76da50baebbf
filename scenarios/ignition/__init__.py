"""Ignition: how likely a release burns at once or later, and where a cloud meets its source."""
