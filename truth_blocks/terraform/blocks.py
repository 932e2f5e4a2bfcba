"""Top-level blocks: resources, data sources, providers against the provider's schema, the rest against Terraform's."""

from collections.abc import Mapping

from truth_blocks.terraform.addresses import check_addresses, check_provider_configurations
from truth_blocks.terraform.builtin import (
    BLOCK_NUMBERS,
    BLOCK_SCHEMAS,
    LABELS,
    META_ARGUMENTS,
    META_BLOCKS,
    PROVISIONERS,
)
from truth_blocks.terraform.called import Called
from truth_blocks.terraform.findings import did_you_mean
from truth_blocks.terraform.generations import Generations
from truth_blocks.terraform.model import Block, ParsedFile, Traversal, literal_text
from truth_blocks.terraform.reading import Readable
from truth_blocks.terraform.references import Declared, ProviderFunctions
from truth_blocks.terraform.schema import BlockSchema, Kind, Provider, Schemas, Setting
from truth_blocks.terraform.scope import check_repetition
from truth_blocks.terraform.structure import BodyCheck
from truth_blocks.terraform.survey import Strange, Survey
from truth_blocks.terraform.types import check_variable
from truth_blocks.terraform.versions import Requirement, admits

_KINDS: dict[str, Kind] = {"resource": "r", "data": "d", "ephemeral": "e"}
_WORDS = {"resource": "resource", "data": "data source", "ephemeral": "ephemeral resource"}
_BUILT_IN_TYPES = frozenset({"terraform_remote_state", "terraform_data"})


class TopLevelCheck:
    """Checks the top level of each file of a module."""

    def __init__(
        self,
        survey: Survey,
        schemas: Schemas,
        generations: Generations,
        required: Mapping[str, Requirement],
        called: Called,
    ) -> None:
        self._survey, self._schemas, self._generations = survey, schemas, generations
        self._seen: dict[tuple[str, ...], str] = {}
        self._own = BodyCheck(survey, BLOCK_SCHEMAS.__getitem__, "terraform")
        self._required, self._called = required, called

    def check(self, file: ParsedFile) -> None:
        """Check one file; the survey's file is already set to it."""
        for attribute in file.body.attributes:
            message = f"unknown argument `{attribute.name}` at the top level of a file: only blocks stand here"
            self._survey.error("unknown-argument", attribute, message, "a block")
        self._other_generation(file)
        override = file.name == "override.tf" or file.name.endswith("_override.tf")
        for block in file.body.blocks:
            if block.type not in LABELS:
                self._unknown(block)
            elif len(block.labels) != LABELS[block.type]:
                self._labels(block)
            else:
                self._known(block, override)

    def readable(self, kind: str, block: Block) -> Readable | None:
        """What can be read from a resource or data source; None when its schema is not known."""
        provider = self._provider(block.labels[0], block)
        schema = self._schemas.find(provider, _KINDS[kind], block.labels[0]) if provider else None
        if provider is None or schema is None:
            return None
        return Readable(
            schema, self._schemas.block, provider.name, provider.generation, self._generations.certain(provider.name)
        )

    def functions_of(self, local_name: str) -> ProviderFunctions | None:
        """The functions of a provider; None where they are not shipped (generations from npm tell of none)."""
        provider = self._generations.of(local_name)
        prefix = f"{provider.name}::" if provider else ""
        names = self._schemas.names(provider, "f") if provider else ()
        if provider is None or not names:
            return None
        found = provider
        plain = tuple(each.removeprefix(prefix) for each in names)
        return ProviderFunctions(plain, lambda name: self._schemas.find(found, "f", prefix + name))

    def check_addresses(self, files: list[ParsedFile], declared: Declared, whole: bool) -> None:
        """What blocks say about other blocks: moved, removed and imported addresses, provider configurations."""
        check_addresses(self._survey, files, declared)
        if whole:
            check_provider_configurations(self._survey, files)

    def _unknown(self, block: Block) -> None:
        suggestion = self._survey.nearest(block.type, LABELS)
        message = f"unknown block `{block.type}`{did_you_mean(suggestion)}"
        self._survey.error("unknown-block", block, message, "resource, data, variable, output, module …", suggestion)

    def _only_requirements(self, block: Block, override: bool) -> None:
        """A module has one ``required_providers`` block and one backend."""
        for inner in block.blocks:
            name = "backend" if inner.type == "cloud" else inner.type
            if name in ("required_providers", "backend") and not override:
                self._duplicate_address(inner, ("terraform", name))

    def _labels(self, block: Block) -> None:
        wanted = LABELS[block.type]
        message = f"a `{block.type}` block takes {wanted} labels, found {len(block.labels)}"
        self._survey.error("wrong-labels", block, message, f"{wanted} labels")

    def _known(self, block: Block, override: bool) -> None:
        if not override:
            self._duplicate(block)
        if block.type in _KINDS:
            self._typed(block)
        elif block.type == "provider":
            self._provider_block(block)
        elif block.type == "module":
            self._module(block)
        elif block.type in BLOCK_NUMBERS:
            self._own.check(block, BLOCK_SCHEMAS[BLOCK_NUMBERS[block.type]], block.type)
        if block.type == "variable":
            check_variable(self._survey, block)
        elif block.type == "terraform":
            self._only_requirements(block, override)
        if block.type == "check":
            for inner in block.blocks:
                if inner.type == "data" and len(inner.labels) == 2:
                    self._typed(inner)

    def _duplicate(self, block: Block) -> None:
        if block.type == "provider":
            alias = block.attribute("alias")
            self._duplicate_address(
                block, ("provider", block.labels[0], (literal_text(alias.value) if alias else "") or "")
            )
        elif block.type in ("resource", "data", "variable", "output", "module", "ephemeral", "check"):
            self._duplicate_address(block, (block.type, *block.labels))
        elif block.type == "locals":
            for attribute in block.attributes:
                address = ("local", attribute.name)
                if address in self._seen and self._seen[address] != f"{self._survey.file}:{block.line}":
                    message = f"local.{attribute.name} is declared twice (first at {self._seen[address]})"
                    self._survey.error("duplicate", attribute, message, "one declaration")
                self._seen.setdefault(address, f"{self._survey.file}:{attribute.line}")

    def _duplicate_address(self, block: Block, address: tuple[str, ...]) -> None:
        if address in self._seen:
            kind, *names = address
            name = ".".join(each for each in names if each)
            message = f"{kind} {name} is declared twice (first at {self._seen[address]})"
            self._survey.error("duplicate", block, message, "one declaration")
        else:
            self._seen[address] = f"{self._survey.file}:{block.line}"

    def _typed(self, block: Block) -> None:
        type_name = block.labels[0]
        self._meta(block)
        if type_name in _BUILT_IN_TYPES:
            own = BLOCK_SCHEMAS[BLOCK_NUMBERS[type_name]]
            self._own.check(block, own, type_name, META_ARGUMENTS[block.type], META_BLOCKS[block.type])
            return
        provider = self._provider(type_name, block)
        if provider is None:
            what = type_name.partition("_")[0]
            message = f"{type_name}: the schema of provider {what} is not shipped, its settings were not checked"
            self._survey.unverifiable("unknown-provider", block, message)
            return
        schema = self._schemas.find(provider, _KINDS[block.type], type_name)
        self._survey.generation[provider.name] = provider.version
        if schema is None:
            self._no_such_type(block, provider)
            return
        self._survey.held()
        self._survey.citations.add(f"{provider.generation} {type_name}")
        self._body(block, schema, provider)

    def _body(self, block: Block, schema: BlockSchema, provider: Provider) -> None:
        type_name = block.labels[0]
        check = self._body_check(provider)
        owner = type_name if block.type == "resource" else f"{_WORDS[block.type]} {type_name}"

        def relatives(argument: str) -> str:
            names = self._schemas.names(provider, "r")
            service = type_name.rsplit("_", 1)[0]
            candidates = (f"{type_name}_{argument}", f"{service}_{argument}", f"{provider.name}_{argument}")
            return next((name for name in candidates if name in names), "")

        identity = schema.settings.get("id")
        if block.type == "resource" and identity is not None and not identity.required:
            # Every provider's plugin code refuses it, though older schemas call it optional.
            given = {**schema.settings, "id": Setting("id", "c", identity.code)}
            schema = BlockSchema(given)
        check.check(block, schema, owner, META_ARGUMENTS[block.type], META_BLOCKS[block.type], relatives)

    def _meta(self, block: Block) -> None:
        """Terraform's own arguments and nested blocks of a resource or data source."""
        check_repetition(self._survey, block)
        for inner in block.blocks:
            if inner.type == "lifecycle":
                self._own.check(inner, BLOCK_SCHEMAS[BLOCK_NUMBERS["lifecycle"]], "lifecycle")
            elif inner.type == "provisioner" and inner.labels and inner.labels[0] not in PROVISIONERS:
                message = f'unknown provisioner "{inner.labels[0]}"'
                self._survey.error("unknown-block", inner, message, "local-exec, remote-exec or file")

    def _no_such_type(self, block: Block, provider: Provider) -> None:
        type_name = block.labels[0]
        kind = _KINDS[block.type]
        suggestion = self._survey.nearest(type_name, self._schemas.names(provider, kind), 0.8)
        hint = did_you_mean(suggestion)
        other: Kind = "d" if kind == "r" else "r"
        if type_name in self._schemas.names(provider, other):
            hint = " — it is a data source: write `data`" if other == "d" else " — it is a resource: write `resource`"
        code = f"unknown-{_WORDS[block.type].replace(' ', '-')}"
        message = f"{provider.name} has no {_WORDS[block.type]} `{type_name}`{hint}"
        self._survey.blame[provider.name] += 1
        self._survey.strange.append(Strange(provider.name, self._survey.file, block, f"`{type_name}`"))
        if not self._generations.certain(provider.name) and not hint:
            self._survey.unverifiable(code, block, f"{message}; the generation that is asked for may have it")
            return
        self._survey.error(
            code, block, message, f"a {_WORDS[block.type]} of {provider.name} {provider.version}", suggestion
        )

    def _provider_block(self, block: Block) -> None:
        provider = self._generations.of(block.labels[0])
        schema = self._schemas.find(provider, "p", provider.name) if provider else None
        if provider is None or schema is None:
            message = f"the schema of provider {block.labels[0]} is not shipped, its settings were not checked"
            self._survey.unverifiable("unknown-provider", block, message)
            return
        self._survey.generation[provider.name] = provider.version
        check = self._body_check(provider)
        check.check(block, schema, f"provider {block.labels[0]}", META_ARGUMENTS["provider"])

    def _module(self, block: Block) -> None:
        name = block.labels[0]
        check_repetition(self._survey, block)
        source = block.attribute("source")
        if source is None:
            message = f"module {name} needs the argument `source` (string)"
            self._survey.error("missing-argument", block, message, "string")
        for inner in block.blocks:
            message = f"a module call takes arguments only, found the block `{inner.type}`"
            self._survey.error("unknown-block", inner, message, f"{inner.type} = …")
        module = self._called(literal_text(source.value) or "") if source else None
        if module is None:
            return
        taken = META_ARGUMENTS["module"]
        for attribute in block.attributes:
            if attribute.name not in module.variables and attribute.name not in taken:
                suggestion = self._survey.nearest(attribute.name, module.variables)
                message = f"module {name} has no variable `{attribute.name}`{did_you_mean(suggestion)}"
                self._survey.error("unknown-argument", attribute, message, "a variable of the module", suggestion)
        for variable, required in module.variables.items():
            if required and block.attribute(variable) is None:
                message = f"module {name} needs the argument `{variable}`: its variable has no default"
                self._survey.error("missing-argument", block, message, f"{variable} = …")

    def _provider(self, type_name: str, block: Block | None = None) -> Provider | None:
        """Whose schema decides a type: by its prefix, or by the ``provider`` argument."""
        prefix = type_name.partition("_")[0]
        chosen = block.attribute("provider") if block else None
        if chosen is not None and isinstance(chosen.value, Traversal):
            prefix = chosen.value.root
        return self._generations.of(prefix)

    def _body_check(self, provider: Provider) -> BodyCheck:
        certain = self._generations.certain(provider.name)
        return BodyCheck(self._survey, self._schemas.block, provider.generation, provider.name, certain)

    def _other_generation(self, file: ParsedFile) -> None:
        """A module that asks for another major version is checked against the one that is here, and told so."""
        for required in self._required.values():
            provider = self._generations.of(required.provider)
            if provider and required.file == file.name and not admits(required.constraint, provider.version):
                message = (
                    f'the module asks for {provider.name} "{required.constraint}", checked against {provider.version}'
                )
                self._survey.unverifiable("other-generation", required, message)
