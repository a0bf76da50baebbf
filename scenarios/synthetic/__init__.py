"""Synthetic parks: seeded, of 10 to 10,000 units, that look like real ones."""

from parkrisk.scenarios.synthetic.park import SyntheticPark, synthetic_park

__all__ = ["SyntheticPark", "synthetic_park"]
