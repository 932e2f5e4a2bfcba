"""Truth blocks: facts, checks and an offline drafter for each family of questions, one folder each."""
