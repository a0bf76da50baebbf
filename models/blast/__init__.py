"""Explosions, bursts and their fragments."""
