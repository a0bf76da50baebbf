"""Many parks assessed with any executor, resumable, and put beside one another."""
