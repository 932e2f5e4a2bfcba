"""Discord adapters: parse, submit, render. No rule, prompt or SQL lives here."""
