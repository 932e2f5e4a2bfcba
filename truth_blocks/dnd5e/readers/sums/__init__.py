"""Calculations in sentences."""
