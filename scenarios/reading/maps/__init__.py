"""Map files and drawings in: layers that feed tables, as ``layers.toml`` says, and boundaries in any map format."""
