"""Parts of the soak: who asks what, and what the memory of the processes does meanwhile."""
