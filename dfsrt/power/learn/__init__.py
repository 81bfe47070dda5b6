"""Learning: scikit-learn fits, grouped validation, and the files of a shipped model."""
