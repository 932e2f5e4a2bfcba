"""Read provider schemas out of a generated provider package (one ``index.js`` and ``index.d.ts`` per type).

Packages come as a wheel (``cdktn-provider-*``) or as the npm archive of the same generator's earlier name
(``@cdktf/provider-*``); inside, both hold the same files.

The generated code carries the schema exactly: a comment ``// name - computed: …, optional: …, required: …`` with
Terraform's own name before each property, and the property's constructor or getter, which tells type and nesting. The
declaration file adds the one thing the code lacks: whether a nested object is a block (`cors_rule block`) or an
attribute whose value is an object.
"""

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CLASS = re.compile(r"class (\w+) extends cdktn\.(\w+)")
RESOURCE_TYPE = re.compile(r'(?:static |\w\.)tfResourceType = "([\w-]+)"')
GENERATED_FROM = re.compile(r"providerName: '([\w-]+)',\s+providerVersion: '([\d.]+)'")
PROPERTY = re.compile(
    r"^ {4,8}// (\S+) - computed: (true|false), optional: (true|false), required: (true|false)\n", re.M
)
NESTED = re.compile(r'= new (?:(\w+)\.)?(\w+)\(this, "[^"]+"(?:, (true|false))?\)')
STORAGE = re.compile(r'^ {12}(\w+): \{\n.*\n.*\n.*\n\s+storageClassType: "(\w+)"', re.M)
WRITTEN = re.compile(
    r"^ +(\w+): (?:\{\n\s+value: )?((?:cdktn\.)?\w+\(.*\((?:this\._|struct\.)\w+\)|\w+\.?\w+\((?:this\._|struct\.)\w+\)),?$",
    re.M,
)
"""A setting and the expression that writes it out: in an object of its own in newer packages."""
DECLARED = re.compile(r"#(\w+) \w+#\1\}\n\s*\*/\n\s*readonly \w+(\??):")
FUNCTION = re.compile(r'\.invoke\(this\.providerLocalName, "(\w+)", \[([^\]]*)\]\)')
BLOCK_COMMENT = re.compile(r"\* (\w+) block\n\s+\*\n\s+\* Docs at [^\n]*#\1 (\w+)#\1\}")
EARLIER = re.compile(r"^    get (\w+)\(\) \{\n        return (.*\('(\w+)'\).*);$", re.M)
"""A getter as the earlier packages have it: without a comment before it."""
FLAGS = {
    ("true", "true", "false"): "b",
    ("false", "true", "false"): "o",
    ("false", "false", "true"): "r",
    ("true", "false", "false"): "c",
    ("false", "false", "false"): "o",
}
GETTERS = (
    ("cdktn.Fn.tolist(this.getListAttribute", "Es"),
    ("cdktn.Fn.tolist(this.getNumberListAttribute", "En"),
    ("this.getStringAttribute", "s"),
    ("this.getNumberAttribute", "n"),
    ("this.getBooleanAttribute", "b"),
    ("this.getListAttribute", "Ls"),
    ("this.getNumberListAttribute", "Ln"),
    ("this.getStringMapAttribute", "Ms"),
    ("this.getNumberMapAttribute", "Mn"),
    ("this.getBooleanMapAttribute", "Mb"),
)
STORAGE_CODES = {
    "string": "s",
    "number": "n",
    "boolean": "b",
    "stringList": "Ls",
    "numberList": "Ln",
    "stringMap": "Ms",
}
MAP_CLASSES = {"StringMap": "Ms", "NumberMap": "Mn", "BooleanMap": "Mb"}


@dataclass
class Setting:
    """One argument, attribute or nested block: flag and type as the codes of `truth_blocks/terraform/schema.py`."""

    name: str
    flag: str
    code: str
    child: "str | None" = None
    """The generated class that holds the nested settings."""


@dataclass
class TypeSource:
    """One resource, data source or provider configuration, with all classes nested in it."""

    kind: str
    """``r`` resource, ``d`` data source, ``p`` provider configuration, ``e`` ephemeral resource."""
    name: str
    root: str
    classes: dict[str, list[Setting]] = field(default_factory=dict)


def open_package(package: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (folder, index.js, index.d.ts) of every type in the package file, in order of folder name."""
    pending: dict[str, dict[str, list[str]]] = {}
    with tarfile.open(fileobj=io.BytesIO(_archive(package)), mode="r:gz") as files:
        for member in files:
            match = re.fullmatch(r"package/lib/([\w-]+)/(?:index-structs/structs\d+|index)\.(js|d\.ts)", member.name)
            stream = files.extractfile(member) if match else None
            if match and stream:
                text = stream.read().decode().partition("//# sourceMappingURL")[0]
                text = text.replace("cdktf.", "cdktn.")
                pending.setdefault(match[1], {}).setdefault(match[2], []).append(text)
    for folder, texts in sorted(pending.items()):
        if len(texts) == 2:
            yield folder, "\n".join(texts["js"]), "\n".join(texts["d.ts"])


def _archive(package: Path) -> bytes:
    if package.suffix == ".tgz":
        return package.read_bytes()
    with zipfile.ZipFile(package) as wheel:
        return wheel.read(next(name for name in wheel.namelist() if name.endswith(".jsii.tgz")))


def provider_version(code: str) -> tuple[str, str] | None:
    """Provider name and exact version a file was generated from, as its metadata says."""
    match = GENERATED_FROM.search(code)
    return (match[1], match[2]) if match else None


def read_type(code: str, declarations: str) -> TypeSource | None:
    """The schema in one folder, or None for a folder that holds no Terraform type."""
    heads = list(CLASS.finditer(code))
    kinds = {
        "TerraformResource": "r",
        "TerraformDataSource": "d",
        "TerraformProvider": "p",
        "TerraformEphemeralResource": "e",
    }
    root = next((head for head in heads if head[2] in kinds), None)
    name = RESOURCE_TYPE.search(code)
    if root is None or name is None:
        return None
    source = TypeSource(kinds[root[2]], name[1], root[1])
    blocks, required = _blocks_by_class(declarations), _required_by_class(declarations)
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        if head[2] in ("ComplexList", "ComplexMap"):
            continue
        body = code[head.end() : following.start() if following else len(code)]
        owner = head[1].removesuffix("OutputReference")
        needed = required.get(f"{owner}Config" if owner == source.root else owner, set())
        source.classes[owner] = _settings(body, blocks.get(owner, set()), needed)
    if source.kind == "p":
        _add_provider_settings(source, code, declarations)
    return source


def _add_provider_settings(source: TypeSource, code: str, declarations: str) -> None:
    """A provider's settings have no getters to read: take them from the functions that write them out."""
    blocks, required = _blocks_by_class(declarations), _required_by_class(declarations)
    root = code[code.index(f"class {source.root} ") :]
    written = {source.root: root[root.rindex("    synthesize") :]}
    suffix = "ToHclTerraform" if "ToHclTerraform(" in code or "synthesizeHcl" in code else "ToTerraform"
    for match in re.finditer(rf"function (\w+?){suffix}\(struct\) \{{(.*?)\n\}}\n", code, re.S):
        written[match[1][0].upper() + match[1][1:]] = match[2]
    for owner, body in written.items():
        named = f"{owner}Config" if owner == source.root else owner
        settings = []
        for name, value in WRITTEN.findall(body):
            flag = "r" if name in required.get(named, set()) else "o"
            code_of, child = _written(value, suffix)
            if child not in written:
                settings.append(Setting(name, flag, code_of))
                continue
            is_block = name in blocks.get(named, set())
            settings.append(Setting(name, flag, code_of.upper() if is_block else code_of, child))
        source.classes[owner] = settings


def _written(value: str, suffix: str) -> tuple[str, str]:
    """Type and class of a setting from the expression that writes it out: ``listMapper(xToTerraform, true)(…)``."""
    mapper = re.match(r"(?:cdktn\.)?(?:(list|hash)Mapper(?:Hcl)?\()?(?:cdktn\.)?(\w+?)" + suffix, value)
    if mapper is None:
        return "a", ""
    plain = {"string": "s", "number": "n", "boolean": "b"}.get(mapper[2])
    if plain:
        return {"list": "L", "hash": "M"}.get(mapper[1] or "", "") + plain, ""
    return {"list": "l", "hash": "k"}.get(mapper[1] or "", "o"), mapper[2][0].upper() + mapper[2][1:]


def _required_by_class(declarations: str) -> dict[str, set[str]]:
    """For each interface of a declaration file, the names that are not optional in it."""
    found: dict[str, set[str]] = {}
    for part in declarations.split("export interface ")[1:]:
        body = part.partition("\n}\n")[0]
        found[part.split(maxsplit=1)[0]] = {name for name, optional in DECLARED.findall(body) if not optional}
    return found


def read_functions(code: str) -> list[tuple[str, list[Setting]]]:
    """The functions a provider defines: name, and one setting per parameter (optional: any number of them)."""
    found = []
    for name, listed in FUNCTION.findall(code):
        parameters = [each.strip() for each in listed.split(",") if each.strip()]
        flags = ["o" if each.startswith("...") else "r" for each in parameters]
        found.append((name, [Setting(f"p{at}", flag, "a") for at, flag in enumerate(flags)]))
    return found


def _blocks_by_class(declarations: str) -> dict[str, set[str]]:
    """For each interface of a declaration file, the names its comments call a block."""
    found: dict[str, set[str]] = {}
    for part in declarations.split("export interface ")[1:]:
        interface = part.split(maxsplit=1)[0]
        body = part.partition("\n}\n")[0]
        owner = interface.removesuffix("Config") if "extends cdktn." in body.split("{", 1)[0] else interface
        found.setdefault(owner, set()).update(match[1] for match in BLOCK_COMMENT.finditer(body))
    return found


def _settings(body: str, blocks: set[str], required: set[str]) -> list[Setting]:
    storage = {match[1]: match[2] for match in STORAGE.finditer(body)}
    settings = []
    for match in PROPERTY.finditer(body):
        name, flag = match[1], FLAGS[match[2], match[3], match[4]]
        rest = body[match.end() : match.end() + 400]
        code, child = _type_of(name, rest, storage, name in blocks)
        settings.append(Setting(name, flag, code, child))
    known = {setting.name for setting in settings}
    return settings + [setting for setting in _uncommented(body, required) if setting.name not in known]


def _uncommented(body: str, required: set[str]) -> Iterator[Setting]:
    """Plain settings of an earlier package: one that has a setter can be set."""
    for getter, expression, name in EARLIER.findall(body):
        settable = f"    set {getter}(value) {{" in body
        flag = "c" if not settable else "r" if name in required else "o"
        yield Setting(name, flag, _plain_code(f"return {expression}") or "a")


def _type_of(name: str, following: str, storage: dict[str, str], is_block: bool) -> tuple[str, str | None]:
    nested = NESTED.search(following.split("\n", 1)[0])
    if nested and nested[1] == "cdktn":
        return MAP_CLASSES.get(nested[2], "a"), None
    if nested:
        return _nesting(nested[2], nested[3] == "true", is_block)
    plain = _plain_code(following)
    if plain:
        return plain, None
    return STORAGE_CODES.get(storage.get(name, ""), "A" if is_block else "a"), None


def _plain_code(following: str) -> str:
    getter = following.partition("return ")[2].split("\n", 1)[0].removeprefix("cdktn.Token.asNumberList(")
    return next((code for start, code in GETTERS if getter.startswith(start)), "")


def _nesting(class_name: str, from_set: bool, is_block: bool) -> tuple[str, str]:
    """Nesting code (upper case for a block, lower case for an attribute) and the class of the nested settings."""
    if class_name.endswith("List"):
        code, child = ("t" if from_set else "l"), class_name.removesuffix("List")
    elif class_name.endswith("Map"):
        code, child = "k", class_name.removesuffix("Map")
    else:
        code, child = "o", class_name.removesuffix("OutputReference")
    return (code.upper() if is_block else code), child
