"""Written by tools/build_terraform.py: which facts schemas.sqlite holds, known without opening it."""

DIGEST = "3daabb60e0347e18"
