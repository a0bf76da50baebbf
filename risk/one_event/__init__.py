"""One event in the wind of the moment: which, its zones, who and what stands in them."""
