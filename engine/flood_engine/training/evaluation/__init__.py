"""How good a model is: obedience, changes, drift, feet and retrieval (see docs/evaluation.md)."""
