"""What people say of spells and rules, as tables."""
