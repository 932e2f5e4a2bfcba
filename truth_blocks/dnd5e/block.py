"""The D&D 5e truth block: what the pipeline calls."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from errors import UserMistake
from truth_blocks.contracts import Brief, Command, LookUp, Presented, Question, Report, Topic, Violation
from truth_blocks.dnd5e import cards, comparing, drafts, items, questions, render
from truth_blocks.dnd5e.chances import render_odds
from truth_blocks.dnd5e.commands import COMMANDS, OPTIONS
from truth_blocks.dnd5e.dice import filled, parse, read_values
from truth_blocks.dnd5e.facts import DATA, EDITIONS, Facts, Row, Rule, key_of
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.names import Names
from truth_blocks.dnd5e.odds import read_target
from truth_blocks.dnd5e.recognising import recognise
from truth_blocks.dnd5e.rolling import replay
from truth_blocks.dnd5e.values import shown

CHECKS_VERSION = 3
"""Raised whenever the checks, not the data, change what passes."""
KIND_OF = {
    "dnd.spell": "spell", "dnd.monster": "creature", "dnd.item": "gear", "dnd.class": "class", "dnd.rule": "rule",
}  # fmt: skip


class Dnd5eBlock:
    """Facts and checks of SRD 5.1 and 5.2 behind the `TruthBlock` protocol.

    ``default_edition`` serves questions that name none. ``seeds`` gives the seed of each
    roll; a roll is replayed from the seed its answer cites.
    """

    name = "dnd5e"
    commands: Sequence[Command] = COMMANDS

    def __init__(
        self,
        default_edition: str = EDITIONS[0],
        path: Path = DATA,
        seeds: Callable[[], int] = lambda: secrets.randbits(48),
    ) -> None:
        self._default = default_edition if default_edition in EDITIONS else EDITIONS[0]
        self._facts = Facts(path)
        self._seeds = seeds
        self._names: dict[tuple[str, str], Names] = {}
        self._mentions = {edition: Mentions(self._facts, edition) for edition in EDITIONS}
        self.version = f"data {self._facts.version}, checks {CHECKS_VERSION}"

    def recognise(self, text: str) -> Question | None:
        """The question a free text plainly asks, or None."""
        return recognise(text, self._names_of, self._mentions, self._default)

    def resolve(self, question: Question) -> Topic:
        """Understand a question.

        Raises:
            UserMistake: unknown name or option, a dice expression past its bounds, text that is too long.
        """
        options = _options(question)
        if question.task_type == "dnd.roll":
            return self._roll_topic(options)
        if question.task_type == "dnd.odds":
            return _odds_topic(options)
        if question.task_type == "dnd.compare":
            kind, name = comparing.resolve(self._facts, options["name"], self._compared_names())
            return Topic(
                "dnd.compare", f"dnd.compare:{kind}:{key_of(name)}", "5.1 and 5.2", name, {"kind": kind, "name": name}
            )
        edition = options.get("edition") or self._default
        if edition not in EDITIONS:
            raise UserMistake(f'"{edition[:20]}" is not an edition. Use 5.2 or 5.1.')
        if question.task_type == "dnd.rule":
            return questions.rule_topic(self._facts, self._names_of("rule", edition), options["topic"], edition)
        kind = KIND_OF[question.task_type]
        name, mended = self._named(kind, edition, options["name"])
        key = cards.key_for(self._facts, kind, edition, name)
        subject: dict[str, Any] = {"kind": kind, "key": key, "name": name, "asked": options["name"] if mended else ""}
        if (level := cards.level_of(options.get("level", ""))) is not None:
            subject["level"] = level
            key = f"{key}:{level}"
        return Topic(question.task_type, f"{question.task_type}:{key}", edition, f"{name} · SRD {edition}", subject)

    def _named(self, kind: str, edition: str, text: str) -> tuple[str, bool]:
        """The name meant; a name that only the other edition knows is said to be there."""
        try:
            return self._names_of(kind, edition).resolve(text)
        except UserMistake as mistake:
            other = next(each for each in EDITIONS if each != edition)
            if cards.key_for(self._facts, kind, other, text) is None:
                raise
            raise UserMistake(f"{mistake} SRD {other} has it: add edition: {other}.") from None

    def _roll_topic(self, options: Mapping[str, str]) -> Topic:
        expression = parse(_with_values(options))
        label = " ".join(options.get("label", "").split())
        hidden = options.get("hidden", "").strip().lower() in ("true", "yes", "1", "on")
        seed = self._seeds()
        subject = {"dice": expression.text, "label": label, "hidden": hidden, "seed": seed}
        return Topic("dnd.roll", f"dnd.roll:{seed}:{expression.text}", EDITIONS[0], expression.text, subject)

    def look_up(self, topic: Topic) -> LookUp | None:
        """The direct answer; None for a rules question, which needs a draft."""
        if topic.task_type == "dnd.rule":
            return None
        if topic.task_type == "dnd.roll":
            return _rolled(topic.subject)
        if topic.task_type == "dnd.odds":
            return render_odds(topic.subject["dice"], topic.subject["target"])
        if topic.task_type == "dnd.compare":
            return comparing.compared(self._facts, topic.subject["kind"], topic.subject["name"])
        return cards.card(self._facts, topic)

    def brief(self, topic: Topic, token_bound: int) -> Brief:
        """The facts of the topic as short lines, cut to about ``token_bound`` tokens."""
        rules = self._rules(topic)
        lines = questions.fact_lines(rules, max(token_bound - 400, 100))
        variables = {
            "edition": topic.variant,
            "topic": rules[0].title,
            "question": topic.subject["asked"] or rules[0].title,
            "facts": lines,
            "example": {"type": "fact", "subject": rules[0].kind, "name": rules[0].key, **_example(rules[0])},
        }
        return Brief("dnd_rule", variables, tuple(dict.fromkeys(rule.source for rule in rules)))

    def draft_schema(self, task_type: str) -> Mapping[str, Any]:
        """JSON schema of a rules draft."""
        return drafts.SCHEMA

    def check(self, topic: Topic, draft: str) -> Report:
        """Hold a draft against the facts.

        Raises:
            DraftMalformed: not JSON of the agreed shape.
        """
        from truth_blocks.dnd5e.checking import check_draft

        read = drafts.read(draft)
        return check_draft(self._facts, self._mentions[topic.variant], self._rules(topic), read)

    def present(self, topic: Topic, draft: str) -> Presented:
        """The prose under a heading that shows the edition."""
        rule = self._rules(topic)[0]
        return Presented(f"**{rule.title}** · SRD {topic.variant}\n{drafts.read(draft).answer}")

    def draft_offline(self, topic: Topic, findings: Sequence[Violation]) -> str:
        """A draft that says what the table says of all topics, or of the first where together they read ambiguously."""
        rules = self._rules(topic)
        whole = drafts.from_table(rules)
        if len(rules) == 1 or (len(whole) < drafts.MOST_ANSWER and self.check(topic, whole).passed):
            return whole
        return drafts.from_table(rules[:1])

    def fallback(self, topic: Topic) -> LookUp:
        """What the facts alone say."""
        direct = self.look_up(topic)
        if direct is not None:
            return direct
        rules = self._rules(topic)
        text = "\n\n".join(render.rule(rule) for rule in rules)
        return LookUp(text, tuple(dict.fromkeys(rule.source for rule in rules)))

    def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        """Names that complete a prefix, at most 25."""
        if task_type == "dnd.compare" and option == "name":
            found = [name for each in self._compared_names().values() for name in each.suggest(prefix)[:9]]
            return list(dict.fromkeys(found))[:25]
        kind = KIND_OF.get(task_type)
        edition = chosen.get("edition") or self._default
        if option == "edition":
            return [each for each in EDITIONS if each.startswith(prefix.strip())]
        if kind is None or option not in ("name", "topic") or edition not in EDITIONS:
            return []
        return self._names_of(kind, edition).suggest(prefix)

    def check_items(self, document: Any) -> Iterator[dict[str, Any]]:
        """Verdicts for ``vespera check dnd``: one result per item of ``{"items": [...]}``; never raises."""
        return items.check_items(document, self._facts, self._mentions, self._default)

    def _compared_names(self) -> dict[tuple[str, str], Names]:
        return {(kind, ed): self._names_of(kind, ed) for kind in ("spell", "creature", "rule") for ed in EDITIONS}

    def _names_of(self, kind: str, edition: str) -> Names:
        if (kind, edition) not in self._names:
            self._names[kind, edition] = Names(self._facts, kind, edition)
        return self._names[kind, edition]

    def _rules(self, topic: Topic) -> list[Rule]:
        """The topic's rule first, then the others the question names."""
        found = [self._facts.rule(topic.variant, key) for key in topic.subject["rules"]]
        return [rule for rule in found if rule is not None]


def _options(question: Question) -> dict[str, str]:
    """The options, known and within their lengths.

    Raises:
        UserMistake: an option is missing, unknown or too long.
    """
    known = OPTIONS.get(question.task_type)
    if known is None:
        raise UserMistake(f"{question.task_type[:40]} is not a D&D command.")
    for name, text in question.options.items():
        if name not in known:
            raise UserMistake(f'There is no option "{name[:30]}" here. Options: {", ".join(known)}.')
        if len(text) > known[name].max_length:
            raise UserMistake(f"{name} has {len(text):,} characters; at most {known[name].max_length} are read.")
    for name, option in known.items():
        if option.required and not question.options.get(name, "").strip():
            raise UserMistake(f"Say the {name}, for example: {_example_of(question.task_type)}.")
    return {name: text.strip() for name, text in question.options.items()}


def _example_of(task_type: str) -> str:
    return next(command.example for command in COMMANDS if command.task_type == task_type)


def _example(rule: Rule) -> Row:
    effect = rule.effects[0]
    value = effect.value[0] if isinstance(effect.value, list) else effect.value
    return {"field": effect.field, "value": shown(value)}


def _with_values(options: Mapping[str, str]) -> str:
    """The dice with their ``@names`` replaced by the values given."""
    values = read_values(options["values"]) if options.get("values", "").strip() else {}
    return filled(options["dice"], values)


def _odds_topic(options: Mapping[str, str]) -> Topic:
    expression = parse(_with_values(options))
    target = options.get("target", "").strip()
    shown_target = read_target(target).shown if target else ""
    subject = {"dice": expression.text, "target": target}
    key = f"dnd.odds:{key_of(expression.text)}|{expression.text}|{shown_target}"
    return Topic("dnd.odds", key, EDITIONS[0], expression.text, subject)


def _rolled(subject: Mapping[str, Any]) -> LookUp:
    """The roll of a topic; the seed in it makes it the same roll whenever it is shown again."""
    result = replay(parse(subject["dice"]), subject["seed"])
    text = render.roll(result, subject["label"])
    return LookUp(text, (f"dice engine, seed {subject['seed']}",), ephemeral=subject["hidden"])
