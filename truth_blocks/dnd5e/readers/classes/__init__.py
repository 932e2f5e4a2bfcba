"""Sentences about classes, their features and feats."""
