"""Search structures under the memory: hot, project, historical. Each can be thrown away and rebuilt from SQLite."""
