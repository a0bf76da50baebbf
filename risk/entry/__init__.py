"""May a project come in: what it brings, every rule on it, the verdict."""
