"""Terraform's own blocks, arguments and functions (Terraform 1.11 language; nothing here belongs to a provider)."""

from collections.abc import Mapping

from truth_blocks.terraform.schema import BlockSchema, Setting

LABELS: Mapping[str, int] = {
    "terraform": 0,
    "provider": 1,
    "variable": 1,
    "output": 1,
    "locals": 0,
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "moved": 0,
    "import": 0,
    "removed": 0,
    "check": 1,
    "action": 2,
}
"""Top-level block types and how many labels each takes."""
META_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "resource": frozenset({"count", "for_each", "depends_on", "provider"}),
    "data": frozenset({"count", "for_each", "depends_on", "provider"}),
    "ephemeral": frozenset({"count", "for_each", "depends_on", "provider"}),
    "module": frozenset({"count", "for_each", "depends_on", "providers", "source", "version"}),
    "provider": frozenset({"alias", "version"}),
}
META_BLOCKS: Mapping[str, frozenset[str]] = {
    "resource": frozenset({"lifecycle", "provisioner", "connection"}),
    "data": frozenset({"lifecycle"}),
    "ephemeral": frozenset({"lifecycle"}),
}
PROVISIONERS = frozenset({"local-exec", "remote-exec", "file", "chef", "habitat", "puppet", "salt-masterless"})


def _blocks() -> tuple[dict[str, int], list[BlockSchema]]:
    """Terraform's blocks in the notation of `schema.py`; ``>name`` stands for the nested block ``name``."""
    table = {
        "condition": "condition ra,error_message rs",
        "lifecycle": (
            "create_before_destroy ob,prevent_destroy ob,ignore_changes oa,replace_triggered_by oa,destroy ob,"
            "precondition oL>condition,postcondition oL>condition,action_trigger oA"
        ),
        "variable": (
            "description os,type oa,default oa,sensitive ob,nullable ob,ephemeral ob,deprecated os,"
            "validation oL>condition"
        ),
        "output": (
            "value ra,description os,sensitive ob,ephemeral ob,deprecated os,depends_on oa,precondition oL>condition"
        ),
        "terraform": ("required_version os,experiments oa,required_providers oA,backend oA,cloud oA,provider_meta oA"),
        "moved": "from ra,to ra",
        "import": "to ra,id oa,identity oa,provider oa,for_each oa",
        "removed": "from ra,lifecycle oO>lifecycle,provisioner oA,connection oA",
        "check": "data oA,assert rL>condition",
        "terraform_data": "input oa,triggers_replace oa,output ca,id cs",
        "terraform_remote_state": "backend rs,config oa,workspace os,defaults oa,outputs ca,id cs",
    }
    numbers = {name: number for number, name in enumerate(table)}
    schemas = []
    for text in table.values():
        settings = {}
        for entry in text.split(","):
            name, _, code = entry.partition(" ")
            letters, _, child = code.partition(">")
            settings[name] = Setting(name, letters[0], letters[1:], numbers[child] if child else None)
        schemas.append(BlockSchema(settings))
    return numbers, schemas


BLOCK_NUMBERS, BLOCK_SCHEMAS = _blocks()

_ARITY = """
abs 1|ceil 1|floor 1|log 2|max 1+|min 1+|parseint 2|pow 2|signum 1
chomp 1|endswith 2|format 1+|formatlist 1+|indent 2|join 2+|lower 1|regex 2|regexall 2|replace 3|split 2|startswith 2
strcontains 2|strrev 1|substr 3|templatestring 2|title 1|trim 2|trimprefix 2|trimsuffix 2|trimspace 1|upper 1
alltrue 1|anytrue 1|chunklist 2|coalesce 1+|coalescelist 1+|compact 1|concat 0+|contains 2|distinct 1|element 2
flatten 1
index 2|keys 1|length 1|list 0+|lookup 2-3|map 0+|matchkeys 3|merge 0+|one 1|range 1-3|reverse 1|setintersection 1+
setproduct 0+|setsubtract 2|setunion 1+|slice 3|sort 1|sum 1|transpose 1|values 1|zipmap 2
base64decode 1|base64encode 1|base64gzip 1|csvdecode 1|jsondecode 1|jsonencode 1|textdecodebase64 2|textencodebase64 2
urlencode 1|urldecode 1|yamldecode 1|yamlencode 1|base64gunzip 1
abspath 1|dirname 1|pathexpand 1|basename 1|file 1|fileexists 1|fileset 2|filebase64 1|templatefile 1-2
formatdate 2|plantimestamp 0|timeadd 2|timecmp 2|timestamp 0
base64sha256 1|base64sha512 1|bcrypt 1-2|filebase64sha256 1|filebase64sha512 1|filemd5 1|filesha1 1|filesha256 1
filesha512 1|md5 1|rsadecrypt 2|sha1 1|sha256 1|sha512 1|uuid 0|uuidv5 2
cidrhost 2|cidrnetmask 1|cidrsubnet 3|cidrsubnets 1+|cidrcontains 2
can 1|defaults 2|ephemeralasnull 1|issensitive 1|nonsensitive 1|sensitive 1|tobool 1|tolist 1|tomap 1|tonumber 1
toset 1|tostring 1|try 1+|type 1
"""


def _functions() -> dict[str, tuple[int, int | None]]:
    table: dict[str, tuple[int, int | None]] = {}
    for entry in _ARITY.replace("\n", "|").strip("|").split("|"):
        name, _, arity = entry.partition(" ")
        least, _, most = arity.rstrip("+").partition("-")
        table[name] = (int(least), None if arity.endswith("+") else int(most or least))
    return table


FUNCTIONS: Mapping[str, tuple[int, int | None]] = _functions()
"""Function name → least and most arguments (None: any number)."""
