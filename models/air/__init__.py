"""The air near the ground: weather, wind, turbulence, passive spread."""
