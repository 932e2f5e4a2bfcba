"""The parts of the SQLite blackboard; `database.Blackboard` is what the rest of the house uses."""
