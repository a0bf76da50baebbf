"""Random layouts with everything that a cascade may meet, and a plain slow solver of them."""

import itertools

import numpy as np
from scipy.special import ndtr

from parkrisk.scenarios.facility.network import Network, id_keys
from tests.risk.farms import farm, random_loads


def _rows(matrix):
    """Rows of the entries above 0 of a matrix."""
    target = [np.nonzero(row)[0] for row in matrix]
    start = np.concatenate([[0], np.cumsum([len(row) for row in target])]).astype(np.int64)
    value = np.concatenate([row[at] for row, at in zip(matrix, target, strict=True)])
    return start, np.concatenate(target).astype(np.int32), value


def random_layout(seed, n, *, blast=True, barriers=True, winds=True, bunds=True) -> Network:
    """Network with cycles, synergy, burn-out; if wanted with blast, fragments, barriers, three wind classes, bunds."""
    rng = np.random.default_rng(seed)
    loads = random_loads(seed, n, low=5.0, high=rng.uniform(30.0, 60.0), share=rng.uniform(0.4, 0.9))
    net = farm(loads, duration=rng.uniform(600.0, 9000.0, n)).network
    own = np.arange(n, dtype=np.int32)
    if blast:
        for kind, share in (("blast", 0.25), ("fragment", 0.15)):
            chance = np.where(rng.random((n, n)) < share, rng.uniform(0.05, 0.6, (n, n)), 0.0) * (1.0 - np.eye(n))
            start, target, value = _rows(chance)
            net = net._replace(
                **{f"{kind}_start": start, f"{kind}_target": target, f"{kind}_probability": value},
                **{f"{kind}_row": own[:, None] if kind == "blast" else own},
            )
        net = net._replace(secondary_blast=own)
    if barriers:
        net = net._replace(
            delay=np.where(rng.random(n) < 0.4, rng.uniform(100.0, 900.0, n), 0.0),
            delay_fails=rng.uniform(0.0, 0.4, n),
            deluge_factor=np.where(rng.random(n) < 0.5, rng.uniform(0.3, 0.8, n), 1.0),
            deluge_fails=rng.uniform(0.0, 0.4, n),
            system=rng.integers(-1, 2, n).astype(np.int32),
            system_key=id_keys(["pump A", "pump B"]),
            system_fails=np.array([0.1, 0.3]),
        )
    if bunds:
        net = net._replace(pool=np.append(id_keys(["bund A", "bund B"]), np.uint64(0))[rng.integers(0, 3, n)])
    if winds:
        hot, blown, none = net.heat_row[:, 0], net.blast_row[:, 0], np.full(n, -1, np.int32)
        net = net._replace(
            heat_row=np.stack([hot, np.where(own % 2 == 0, hot, none), hot], axis=1),
            blast_row=np.stack([blown, blown, none], axis=1),
            class_probability=rng.dirichlet(np.ones(3), n),
        )
    return net


class SlowCascade:
    """Dynamic cascade by plain recursion over the outcomes of a fixed barrier state: P(each unit fails)."""

    def __init__(self, net: Network, sources, wind, works, holds):
        self.net, self.sources, self.wind = net, list(sources), wind
        self.factor = np.where(works, net.deluge_factor, 1.0)
        self.delay = np.where(holds, net.delay, 0.0)
        self.n = net.unit_key.size

    def _row(self, kind, source, value):
        of = getattr(self.net, f"{kind}_row")
        row = -1 if source < 0 else (of[source, self.wind] if of.ndim == 2 else of[source])
        out = np.zeros(self.n)
        if row >= 0:
            start = getattr(self.net, f"{kind}_start")
            mine = slice(start[row], start[row + 1])
            out[getattr(self.net, f"{kind}_target")[mine]] = getattr(self.net, value)[mine]
        return out, (self.net.heat_duration[row] if kind == "heat" and row >= 0 else 0.0)

    def probabilities(self):
        failed = {int(self.net.source_unit[s]): (0.0, s, s) for s in self.sources}
        return self._struck(failed, list(failed), np.zeros(self.n), frozenset())

    def _struck(self, failed, bursting, stood, safe):
        """Branch over everything that the first of the bursting units does at once."""
        if not bursting:
            return self._heated(failed, stood, safe)
        u, *rest = bursting
        now, _, source = failed[u]
        blast = self._row("blast", source, "blast_probability")[0]
        hit = self._row("fragment", source, "fragment_probability")[0]
        outcomes = [(1.0, failed, rest, stood)]
        for w in range(self.n):
            if w in failed or (blast[w] == 0.0 and hit[w] == 0.0):
                continue
            new = max(blast[w], stood[w])
            spared = (1.0 - new) / (1.0 - stood[w]) * (1.0 - hit[w])
            fresh = (now, self.net.secondary_heat[w], self.net.secondary_blast[w])
            grown = []
            for p, those, todo, strength in outcomes:
                kept = strength.copy()
                kept[w] = new
                grown.append((p * spared, those, todo, kept))
                grown.append((p * (1.0 - spared), {**those, w: fresh}, [*todo, w], strength))
            outcomes = [item for item in grown if item[0] > 0.0]
        return sum(p * self._struck(those, todo, strength, safe) for p, those, todo, strength in outcomes)

    def _loads(self, failed, now):
        """Load on each unit just after ``now``."""
        total, bunds = np.zeros(self.n), {}
        for start, source, _ in failed.values():
            load, duration = self._row("heat", source, "heat_load")
            if start <= now < start + duration:
                pool = int(self.net.pool[source])
                if pool == 0:
                    total += load
                else:
                    bunds[pool] = np.maximum(bunds.get(pool, 0.0), load)
        return (total + sum(bunds.values())) * self.factor

    def _due(self, v, failed):
        """When the dose of a unit is full if nobody else fails; infinite: never."""
        net, dose, left = self.net, 0.0, self.delay[v]
        moments = {0.0}
        for start, source, _ in failed.values():
            moments |= {start, start + self._row("heat", source, "heat_load")[1]}
        ordered = [*sorted(moments), np.inf]
        for begin, end in itertools.pairwise(ordered):
            load = self._loads(failed, begin)[v]
            if not (load > 0.0 and load >= net.heat_threshold[v]):
                continue
            ttf = np.exp(net.shell[v] - net.heat_exponent[v] * np.log(load))
            full = begin + left + (1.0 - dose) * ttf
            if full <= end:
                return full
            spent = min(left, end - begin)
            left -= spent
            dose += (end - begin - spent) / ttf
        return np.inf

    def _heated(self, failed, stood, safe):
        net = self.net
        due = {v: self._due(v, failed) for v in range(self.n) if v not in failed and v not in safe}
        due = {v: t for v, t in due.items() if t < np.inf}
        if not due:
            return np.array([float(v in failed) for v in range(self.n)])
        v = min(due, key=due.get)
        p = ndtr((net.clock_mean[v] - np.log(due[v])) / net.clock_deviation[v])
        fresh = (due[v], net.secondary_heat[v], net.secondary_blast[v])
        stands = self._heated(failed, stood, safe | {v})
        if p == 0.0:
            return stands
        return (1.0 - p) * stands + p * self._struck({**failed, v: fresh}, [v], stood, safe)


def slow_probabilities(net: Network, sources):
    """P(each unit fails) by `SlowCascade`, over wind classes and every state of every barrier."""
    n, systems = net.unit_key.size, net.system_fails.size
    total = np.zeros(n)
    deluged, proofed = np.nonzero(net.deluge_factor < 1.0)[0], np.nonzero(net.delay > 0.0)[0]
    free = systems + deluged.size + proofed.size
    for wind, chance in enumerate(net.class_probability[np.atleast_1d(sources)].mean(axis=0)):
        for number in range(1 << free):
            bad = (number >> np.arange(free) & 1).astype(bool)
            down, dry, bare = np.split(bad, [systems, systems + deluged.size])
            chances = np.concatenate([net.system_fails, net.deluge_fails[deluged], net.delay_fails[proofed]])
            p = chance * np.prod(np.where(bad, chances, 1.0 - chances))
            works, holds = np.zeros(n, bool), np.zeros(n, bool)
            works[deluged] = ~dry & ~np.append(down, False)[net.system[deluged]]
            holds[proofed] = ~bare
            if p > 0.0:
                total += p * SlowCascade(net, np.atleast_1d(sources), wind, works, holds).probabilities()
    return total
