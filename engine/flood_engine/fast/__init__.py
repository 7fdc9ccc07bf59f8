"""The networks again, rearranged for inference: the same numbers in fewer operations."""
