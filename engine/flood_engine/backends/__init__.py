"""Ways to run one model: the same mathematics on different machinery."""
