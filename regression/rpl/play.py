# Plays one scenario: network, servers, recursor, then step by step. Called by regression/run in a process per scenario.
# Flow: 1 play  2 Stage (set up)  3 Stage.run: one method per kind of step  4 report.
import time

from . import clients, clock, daemon, judge, loop, network, players, replies, script, settings

ANSWER_SECONDS, QUIET_SECONDS, NO_ANSWER_SECONDS = 8.0, 0.03, 0.4


class Failure(Exception):
    """A step does not hold; the lines say how."""

    def __init__(self, lines):
        super().__init__('\n'.join(lines))
        self.lines = lines


def play(path, options, folder):
    """Returns ('passed' | 'failed' | 'skipped', report lines)."""
    try:
        scenario = script.Parser(path).parse()
    except script.Skip as e:
        return 'skipped', [str(e)]
    except script.ScriptError as e:
        return 'failed', [str(e)]
    stage = None
    try:
        network.enter()
        stage = Stage(scenario, options, folder)
        stage.run()
        return 'passed', []
    except script.Skip as e:
        return 'skipped', [str(e)]
    except Failure as e:
        return 'failed', e.lines + stage.report()
    except (daemon.DaemonError, script.ScriptError, OSError, ValueError) as e:
        return 'failed', ['%s: %s' % (type(e).__name__, e)] + (stage.report() if stage else [])
    finally:
        if stage:
            stage.daemon.kill()


class Stage:
    def __init__(self, scenario, options, folder):
        self.scenario, self.options, self.folder = scenario, options, folder
        start = settings.build(scenario, folder, False).start
        self.clock = clock.Clock(folder, start)
        self.daemon = daemon.Daemon(options, scenario, folder, self.clock)
        self.loop = loop.Loop()
        self.players = players.Players(self.loop, scenario.ranges, any(s.kind == 'REPLY' for s in scenario.steps))
        self.clients = clients.Clients(self.loop)
        self.latest, self.labels, self.mark, self.began = [], {}, 0, time.monotonic()

    def run(self):
        self.daemon.start(self.loop)
        self.clock.begins_second()
        for step in self.scenario.steps:
            self.players.step = step.number
            method = getattr(self, 'step_' + step.kind.lower(), None)
            if step.kind in self.options.ignore:
                continue
            if method is None:
                raise script.Skip('STEP %s is not played' % step.kind)
            lines = method(step)
            if lines:
                head = 'line %d: STEP %d %s %s' % (step.line, step.number, step.kind, step.words)
                raise Failure([head.rstrip()] + ['    ' + line for line in lines] + self.shown())
        self.daemon.stop()

    # -- steps ---------------------------------------------------------------------------------------------------------

    def step_query(self, step):
        question = clients.Question(step)
        self.loop.settle(QUIET_SECONDS)
        if not any(e.reply_wire is None for e in self.latest) or not question.value('AS'):
            self.mark = len(self.players.seen)
        self.latest = self.clients.ask(question)
        if question.value('AS'):
            self.labels[question.value('AS')] = self.latest
        return None

    def step_check_answer(self, step):
        exchanges, words = self.addressed(step.words.split())
        self.loop.run(ANSWER_SECONDS, lambda: all(e.reply_wire is not None for e in exchanges) or self.daemon.died())
        for exchange in exchanges:
            lines = self.judge_one(step, words, exchange)
            if lines:
                return lines
        return None

    def judge_one(self, step, words, exchange):
        if exchange.reply_wire is None:
            return ['the recursor has died'] if self.daemon.died() else ['no answer within %g s' % ANSWER_SECONDS]
        if exchange.query is None and step.entry is None:
            return judge.raw_answer(words, exchange.reply_wire)
        if exchange.broken:
            return ['unreadable answer: %s' % exchange.broken, exchange.reply_wire.hex()]
        if step.entry is not None:
            return judge.long_answer(step.entry, exchange)
        if not words:
            raise script.ScriptError('line %d: CHECK_ANSWER rcode' % step.line)
        expected = {} if 'ANYANSWER' in words and not step.expected['ANSWER'] else step.expected
        return judge.short_answer(words, expected, exchange)

    def addressed(self, words):
        """OF=label names an earlier QUERY .. AS=label; without it the latest is meant."""
        label = [w[3:] for w in words if w.startswith('OF=')]
        words = [w for w in words if not w.startswith('OF=')]
        return (self.labels[label[0]] if label else self.latest), words

    def step_check_no_answer(self, step):
        self.loop.run(NO_ANSWER_SECONDS)
        if any(e.reply_wire is not None for e in self.latest):
            return ['an answer came']
        return ['the recursor has died'] if self.daemon.died() else None

    def step_check_ede(self, step):
        exchanges, words = self.addressed(step.words.split(' '))
        return judge.extended_error(' '.join(words), exchanges[0].reply)

    def step_check_time(self, step):
        exchanges, words = self.addressed(step.words.split())
        return judge.compare_number(' '.join(words), max(e.took for e in exchanges), 'milliseconds')

    def step_check_closed(self, step):
        """CHECK_CLOSED connection <= ms: the recursor closes it within that time from now."""
        label, _, limit = step.words.split()
        connection = self.clients.connections[label]
        self.loop.run(float(limit) / 1000.0, lambda: connection.closed)
        return None if connection.closed else ['still open']

    def step_check_order(self, step):
        """CHECK_ORDER one two: the answers came in this order."""
        took = [max(e.sent * 1000 + e.took for e in self.labels[label]) for label in step.words.split()]
        return None if took == sorted(took) else ['answers came in another order']

    def step_check_out_queries(self, step):
        """CHECK_OUT_QUERIES sign count [TO address] [FOR name type] [OVER udp|tcp] [WITH word] [SINCE step]."""
        words = step.words.split()
        self.loop.settle(QUIET_SECONDS)
        since = int(words.pop(words.index('SINCE') + 1)) if 'SINCE' in words else None
        words = [w for w in words if w != 'SINCE']
        heard = self.players.seen[self.mark:] if since is None else [s for s in self.players.seen if s.step >= since]
        seen = [s for s in heard if wanted(s, words[2:])]
        return judge.compare_number(step.words, len(seen), 'upstream queries')

    def step_check_distinct(self, step):
        """CHECK_DISTINCT ids|ports|cases >= n: among the upstream queries since the last QUERY."""
        what, rest = step.words.split(None, 1)
        pick = {'ids': lambda s: s.query.id, 'ports': lambda s: s.port,
                'cases': lambda s: s.query.question[0].name.labels}[what]
        values = {pick(s) for s in self.players.seen[self.mark:] if s.query is not None}
        return judge.compare_number(rest, len(values), 'distinct ' + what)

    def step_time_passes(self, step):
        words = step.words.split()
        seconds = words[1] if words[0] == 'ELAPSE' else words[0]
        self.loop.settle(QUIET_SECONDS)
        self.clock.passes(int(float(seconds)))
        return None

    def step_wait(self, step):
        """WAIT ms: real time goes by."""
        self.loop.run(float(step.words.split()[0]) / 1000.0)
        return None

    def step_traffic(self, step):
        self.loop.settle(QUIET_SECONDS)

    def step_reply(self, step):
        self.loop.run(1.0, lambda: bool(self.players.pending))
        return None if self.players.reply_now(step.entry) else ['no upstream query waits for a reply']

    def step_check_out_query(self, step):
        """testbound: a query that the entry fits waits for its reply."""
        def waits():
            return any(replies.matches(step.entry, s.query, s.transport) for s, _ in self.players.pending)
        self.loop.run(1.0, waits)
        return None if waits() else ['no such upstream query waits']

    def step_nothing(self, step):
        return None

    def step_control(self, step):
        """CONTROL "command" [EXPECT "text"]: the text must occur in what rec_control prints."""
        parts = step.words.split('"')
        command, expected = parts[1], parts[3] if len(parts) > 3 else None
        self.mark = len(self.players.seen)
        got = self.daemon.control(command, self.loop)
        if expected is not None and expected not in got or got.startswith('exit '):
            return ['rec_control %s printed: %s' % (command, got.strip())]
        return None

    # -- the report ----------------------------------------------------------------------------------------------------

    def shown(self):
        """The latest answers, for the reader of a failure."""
        lines = []
        for exchange in self.latest[:1]:
            if exchange.reply is not None:
                lines.append('  answer after %d ms:' % exchange.took)
                lines += ['    ' + line for line in judge.describe(exchange.reply)]
        return lines

    def report(self, limit=40):
        seen = self.players.seen[-limit:]
        lines = ['  upstream queries (%d, since step %d marked *):' % (len(self.players.seen), self.players.step)]
        for s in seen:
            new = '*' if s in self.players.seen[self.mark:] else ' '
            lines.append('   %s%6.3f %s %s %s -> %s' % (new, s.at - self.began, s.address, s.transport, s.question(),
                                                        s.outcome))
        if self.options.keep:
            lines.append('  logs and configuration: %s' % self.folder)
        return lines


def wanted(seen, filters):
    """Whether an upstream query is counted; priming (. NS) only when asked for by FOR."""
    pairs = dict(zip_filters(filters))
    if 'TO' in pairs and pairs['TO'] != seen.address:
        return False
    if 'OVER' in pairs and pairs['OVER'].lower() != seen.transport:
        return False
    if 'WITH' in pairs and not trait(pairs['WITH'], seen.query):
        return False
    if 'FOR' in pairs:
        return same_question(pairs['FOR'], seen.question())
    return seen.question() != '. NS'


def same_question(want, got):
    name, _, rdtype = want.lower().partition(' ')
    return got.lower() == want.lower() if rdtype else got.lower().split(' ')[0] == name


def zip_filters(words):
    words = list(words)
    while words:
        key = words.pop(0)
        value = words.pop(0)
        if key == 'FOR' and words and words[0] not in ('TO', 'OVER', 'WITH'):
            value += ' ' + words.pop(0)
        yield key, value


def trait(word, query):
    """WITH edns|noedns|cookie|server_cookie|rd|mixed_case"""
    if query is None:
        return False
    cookie = judge.option_data(query, judge.COOKIE) or b''
    name = str(query.question[0].name) if query.question else ''
    return {'edns': query.edns >= 0, 'noedns': query.edns < 0, 'cookie': len(cookie) >= 8,
            'server_cookie': len(cookie) >= 16, 'rd': bool(query.flags & 0x100),
            'mixed_case': name not in (name.lower(), name.upper())}[word]
