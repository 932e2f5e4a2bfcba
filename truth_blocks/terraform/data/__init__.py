"""Generated data; see NOTICE."""
