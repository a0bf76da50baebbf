"""The HTTP service: thin over the engine; every answer is what the Python face gives."""
