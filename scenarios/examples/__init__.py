"""Example parks that ship with the engine, and the script that builds the large one from open map data."""
