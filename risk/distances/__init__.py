"""External safety distance by GB/T 37243-2019 and the park's surrounding-land control line."""
