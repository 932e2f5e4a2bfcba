"""Benchmarks: each prints ratios from interleaved runs; `./vespera bench` lists them."""
