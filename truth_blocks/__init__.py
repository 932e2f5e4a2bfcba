"""Truth blocks: facts, checks and an offline drafter for each family of questions, one folder each."""

from truth_blocks.contracts import TruthBlock


def load_blocks(default_edition: str, insecure_fails: bool = False) -> list[TruthBlock]:
    """Every block, the one without facts last; their data are opened at the first question."""
    from truth_blocks.dnd5e import Dnd5eBlock
    from truth_blocks.dnd5e.combat.narration import CombatBlock
    from truth_blocks.general import GeneralBlock
    from truth_blocks.terraform import TerraformBlock

    return [
        Dnd5eBlock(default_edition), CombatBlock(), TerraformBlock(insecure_fails=insecure_fails), GeneralBlock(),
    ]  # fmt: skip
