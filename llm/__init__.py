"""Language models behind one protocol; the router picks among them."""
