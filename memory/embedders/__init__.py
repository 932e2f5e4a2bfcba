"""From texts to unit vectors. The embedded embedder needs nothing; endpoints are better where there are any."""
