"""A minimal configuration of any resource type the schema knows: every required setting, each as a variable."""

from truth_blocks.terraform.schema import BlockSchema, Schemas, Setting

_TYPES = {
    "s": "string",
    "n": "number",
    "b": "bool",
    "Ls": "list(string)",
    "Es": "set(string)",
    "Ms": "map(string)",
    "Ln": "list(number)",
    "En": "set(number)",
    "Mn": "map(number)",
    "Mb": "map(bool)",
}


class GenericResource:
    """Writes one resource. ``variables`` collects name → type of what it asks for."""

    def __init__(self, schemas: Schemas, type_name: str, label: str) -> None:
        self._schemas, self._type, self._label = schemas, type_name, label
        self.variables: dict[str, str] = {}

    def text(self, schema: BlockSchema) -> str:
        """The resource as Terraform."""
        lines = [f'resource "{self._type}" "{self._label}" {{']
        lines += self._body(schema, self._type.partition("_")[2], 1)
        return "\n".join([*lines, "}", ""])

    def _body(self, schema: BlockSchema, path: str, depth: int) -> list[str]:
        indent = "  " * depth
        required = [setting for setting in schema.settings.values() if setting.required]
        plain = [setting for setting in required if not setting.is_block]
        width = max((len(setting.name) for setting in plain), default=0)
        lines = [f"{indent}{each.name:<{width}} = var.{self._variable(each, path)}" for each in plain]
        for setting in required:
            if setting.is_block and setting.child is not None:
                if lines:
                    lines.append("")
                lines.append(f"{indent}{setting.name} {{")
                lines += self._body(self._schemas.block(setting.child), f"{path}_{setting.name}", depth + 1)
                lines.append(f"{indent}}}")
        return lines

    def _variable(self, setting: Setting, path: str) -> str:
        kind = "any" if setting.child is not None else _TYPES.get(setting.code, "any")
        name = "name" if setting.name == "name" and "name" not in self.variables else f"{path}_{setting.name}"
        self.variables[name] = kind
        return name
