# Parses an .rpl file (the format of Unbound's testbound and of Deckard, and the extensions of docs/scenarios.md).
# Called by play.py; it only builds the model below and opens nothing but the scenario.
import dns.name

from . import records


class ScriptError(Exception):
    """The scenario cannot be read: file, line and cause in the text."""


class Skip(Exception):
    """The scenario asks for something this runner does not play."""


class Entry:
    """ENTRY_BEGIN .. ENTRY_END: what to match, how to adjust, what to reply."""

    def __init__(self, line):
        self.line, self.match, self.adjust, self.reply, self.raw = line, [], [], [], None
        self.question, self.sections = None, {'ANSWER': [], 'AUTHORITY': [], 'ADDITIONAL': []}


class Zone:
    def __init__(self, origin):
        self.origin, self.records = origin, []


class Range:
    """RANGE_BEGIN first last: the servers that live while the step number is within."""

    def __init__(self, first, last):
        self.first, self.last, self.addresses, self.entries, self.zones, self.behaviour = first, last, [], [], [], []


class Step:
    """STEP n KIND words, with an entry or with the records of a short CHECK_ANSWER below it."""

    def __init__(self, line, number, kind, words):
        self.line, self.number, self.kind, self.words, self.entry, self.expected = line, number, kind, words, None, None


class Scenario:
    def __init__(self, path):
        self.path, self.title, self.config, self.ranges, self.steps, self.files = path, '', [], [], [], {}


def uncomment(line):
    """Cuts a ; comment that is not within double quotes."""
    quoted = False
    for i, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == ';' and not quoted:
            return line[:i]
    return line


class Parser:
    def __init__(self, path):
        with open(path, encoding='utf-8', errors='replace') as file:
            self.lines = file.read().split('\n')
        self.path, self.at, self.scenario = path, 0, Scenario(path)

    def error(self, text):
        return ScriptError('%s:%d: %s' % (self.path, self.at, text))

    def next(self):
        """The next line that says something, without comment; None at the end."""
        while self.at < len(self.lines):
            line = uncomment(self.lines[self.at]).strip()
            self.at += 1
            if line:
                return line
        return None

    def peek(self):
        at, line = self.at, self.next()
        self.at = at
        return line

    def need(self, closing):
        line = self.next()
        if line is None:
            raise self.error('the file ends before %s' % closing)
        return line

    def record(self, line, origin=dns.name.root):
        try:
            return records.parse_record(line, origin)
        except Exception as e:
            raise self.error('not a record: %s (%s)' % (line, e)) from None

    def many(self, line, origin=dns.name.root):
        """One record, or with $GENERATE first-last in front one for each number, which replaces every $."""
        if not line.startswith('$GENERATE '):
            return [self.record(line, origin)]
        _, span, text = line.split(None, 2)
        first, last = (int(n) for n in span.split('-'))
        return [self.record(text.replace('$', str(i)), origin) for i in range(first, last + 1)]

    def parse(self):
        self.parse_head()
        while True:
            line = self.need('SCENARIO_END')
            word = line.split()[0]
            if word.startswith('SCENARIO_END'):
                return self.scenario
            if word == 'SCENARIO_BEGIN':
                self.scenario.title = line[len(word):].strip()
            elif word == 'RANGE_BEGIN':
                self.scenario.ranges.append(self.parse_range(line.split()))
            elif word == 'STEP':
                self.scenario.steps.append(self.parse_step(line))
            elif word.endswith('_BEGIN'):
                raise Skip('%s is not played' % word)
            else:
                raise self.error('unexpected: %s' % line)

    def parse_head(self):
        """Everything up to CONFIG_END, comments included, because settings may stand in comments."""
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            self.at += 1
            if line.startswith('CONFIG_END'):
                return
            if line.startswith('FILE_BEGIN'):
                self.parse_file(line.split()[1])
            elif line.endswith('_BEGIN') or '_BEGIN ' in line:
                raise Skip('%s is not played' % line.split()[0])
            self.scenario.config.append(line)
        raise self.error('no CONFIG_END')

    def parse_file(self, name):
        """FILE_BEGIN name .. FILE_END: written as it is into the recursor's working folder."""
        end = self.at
        while self.lines[end].strip() != 'FILE_END':
            end += 1
        self.scenario.files[name] = '\n'.join(self.lines[self.at:end]) + '\n'
        self.at = end + 1

    def parse_range(self, words):
        part = Range(*(int(w) for w in words[1:3])) if len(words) > 2 else Range(0, 10 ** 9)
        while True:
            line = self.need('RANGE_END')
            word = line.split()[0]
            if word == 'RANGE_END':
                return part
            if word == 'ADDRESS':
                part.addresses += line.split()[1:]
            elif word == 'BEHAVIOUR':
                part.behaviour += line.split()[1:]
            elif word == 'ZONE':
                part.zones.append(self.parse_zone(dns.name.from_text(line.split()[1])))
            elif word == 'ENTRY_BEGIN':
                part.entries.append(self.parse_entry())
            else:
                raise self.error('unexpected in a range: %s' % line)

    def parse_zone(self, origin):
        zone = Zone(origin)
        while True:
            line = self.need('ZONE_END')
            if line == 'ZONE_END':
                return zone
            zone.records += self.many(line, origin)

    def parse_entry(self):
        entry, section = Entry(self.at), None
        while True:
            line = self.need('ENTRY_END')
            words = line.split()
            if words[0] == 'ENTRY_END':
                return entry
            if words[0] == 'FLAGS':
                entry.reply.extend(words[1:])
            elif words[0] in ('MATCH', 'ADJUST', 'REPLY'):
                getattr(entry, words[0].lower()).extend(words[1:])
            elif words[0] == 'SECTION':
                section = words[1]
            elif words[0] in ('HEX_ANSWER_BEGIN', 'RAW'):
                entry.raw = self.parse_hex()
            elif words[0].endswith('_BEGIN'):
                raise Skip('%s is not played' % words[0])
            else:
                self.add_to_section(entry, section, line)

    def parse_hex(self):
        """Hexadecimal lines up to HEX_ANSWER_END, or up to the end of the entry (Deckard's RAW)."""
        text = ''
        while self.peek() is not None and self.peek() != 'ENTRY_END':
            line = self.next()
            if line == 'HEX_ANSWER_END':
                break
            text += ''.join(line.split())
        try:
            return bytes.fromhex(text)
        except ValueError as e:
            raise self.error('not hexadecimal: %s' % e) from None

    def add_to_section(self, entry, section, line):
        if section == 'QUESTION':
            entry.question = records.parse_question(line)
        elif section in entry.sections:
            entry.sections[section] += self.many(line)
        else:
            raise self.error('record outside of a section: %s' % line)

    def parse_step(self, line):
        words = line.split(None, 3)
        if len(words) < 3:
            raise self.error('STEP n KIND')
        rest = words[3] if len(words) > 3 else ''
        step = Step(self.at, int(words[1]), words[2], rest)
        if self.peek() == 'ENTRY_BEGIN':
            self.next()
            step.entry = self.parse_entry()
        elif step.kind == 'CHECK_ANSWER':
            step.expected = self.parse_expected()
        return step

    def parse_expected(self):
        """The records below a short CHECK_ANSWER: answer section first, SECTION lines change to another."""
        expected, section = {'ANSWER': []}, 'ANSWER'
        while self.peek() is not None and not self.peek().startswith(('STEP ', 'SCENARIO_END', 'RANGE_BEGIN')):
            line = self.next()
            if line.startswith('SECTION '):
                section = line.split()[1]
                expected.setdefault(section, [])
            else:
                expected[section] += self.many(line)
        return expected
