"""How dangerous a park, an enterprise, an installation is by the rules in force: scores, letters, colours, levels."""
