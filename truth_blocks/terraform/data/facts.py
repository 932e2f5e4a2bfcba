"""Written by tools/build_terraform.py: which facts schemas.sqlite holds, known without opening it."""

DIGEST = "aec576f3500da2ea"
