"""What can happen: losses of containment, ignition, outcomes, with frequencies, for every unit, line and transport."""
