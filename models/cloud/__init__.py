"""What vapour in the air does: clouds, doses, flammable parts."""
