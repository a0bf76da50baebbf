"""Parts of the benchmark of crashes: the processes that are killed, who asks them, and what must come of it."""
