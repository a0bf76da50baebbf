"""How sure the numbers are: sampled inputs, bands of every result, the chance of each letter and each verdict."""
